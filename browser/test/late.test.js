/** Who listens for presence late is told what is known: soon, and once. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, joined, line, presence, settle, welcome } from "./support.js";

const AMY = { id: "amy", name: "Amy" };

/** The names that a listener for a document's presence was told, one list a call. */
function listen(doc) {
  const told = [];
  const off = doc.on("presence", ({ others }) => told.push(others.map(({ name }) => name)));
  return { told, off };
}

async function joinedWithFry() {
  const it = await line();
  it.fake.arrive("article.42", FRY);
  const doc = it.live.join("article.42");
  await doc.ready;
  return { ...it, doc };
}

test("a document's late listener is told on the next microtask, and only that one", async () => {
  const { doc } = await joinedWithFry();
  const first = listen(doc);
  await null;
  const second = listen(doc);
  assert.deepEqual(second.told, [], "not from inside `on`");
  await null;
  assert.deepEqual([first.told, second.told], [[["Fry"]], [["Fry"]]]);
});

test("after that it hears the changes like any other", async () => {
  const { fake, doc } = await joinedWithFry();
  const { told } = listen(doc);
  await settle();
  fake.depart("article.42", "fry");
  assert.deepEqual(told, [["Fry"], []]);
});

test("a change before that microtask is told once, and what it replaced not at all", async () => {
  const { fake, doc } = await joinedWithFry();
  const { told } = listen(doc);
  fake.arrive("article.42", AMY);
  await settle();
  assert.deepEqual(told, [["Fry", "Amy"]]);
});

test("a listener in time for the answer to the join is told once", async () => {
  const { fake, live } = await line();
  fake.arrive("article.42", FRY);
  const early = listen(live.join("article.42"));
  await settle();
  const again = listen(live.join("article.42"));
  await settle();
  assert.deepEqual([early.told, again.told], [[["Fry"]], [["Fry"]]]);
});

test("nothing is told before anything is known", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = listen(live.join("article.42"));
  let calls = 0;
  live.collection("article").on("presence", () => calls++);
  await settle();
  assert.deepEqual([doc.told, calls], [[], 0]);
});

test("a listener from while the line was away hears the same presence once", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake, { presence: presence([FRY]) });
  fake.drop();
  const { told } = listen(doc);
  await clock.advance(250);
  assert.deepEqual(told, [["Fry"]]);
  welcome(fake);
  joined(fake, { recovered: true, presence: presence([FRY]) });
  assert.deepEqual(told, [["Fry"]]);
  assert.equal(doc.status, "live");
});

test("one that is taken away at once, or whose handle leaves, is told nothing", async () => {
  const { doc } = await joinedWithFry();
  const gone = listen(doc);
  gone.off();
  const left = listen(doc);
  doc.leave();
  await settle();
  assert.deepEqual([gone.told, left.told], [[], []]);
});

test("a refused document has no presence to tell", async () => {
  const { fake, doc } = await joinedWithFry();
  const message = "no more";
  const end = { type: "error", document: "article.42", code: "forbidden", message };
  fake.receive({ ...end, temporary: false });
  await settle();
  assert.equal(doc.status, "refused");
  const { told } = listen(doc);
  await settle();
  assert.deepEqual(told, []);
});

test("a collection's late listener is told every document that it shows, once", async () => {
  const { fake, live } = await line();
  fake.arrive("article.42", FRY);
  fake.arrive("article.99", FRY);
  await live.collection("article").ready;
  const told = [];
  const some = live.collection("article", { keys: ["42"] });
  for (const list of [some, live.collection("article")]) {
    list.on("presence", (documents, changed) => told.push([[...documents.keys()], [...changed]]));
  }
  await settle();
  const [one, both] = [["article.42"], ["article.42", "article.99"]];
  assert.deepEqual(told, [
    [one, one],
    [both, both],
  ]);
});

test("of a collection where nobody is, a late listener is told so", async () => {
  const { live } = await line();
  const list = live.collection("article");
  await list.ready;
  const told = [];
  list.on("presence", (documents, changed) => told.push([documents.size, changed.length]));
  await settle();
  assert.deepEqual(told, [[0, 0]]);
});

test("a late listener that throws costs nobody anything and is reported", async () => {
  const { doc } = await joinedWithFry();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  doc.on("presence", () => {
    throw new Error("mine");
  });
  const { told } = listen(doc);
  await settle();
  delete globalThis.reportError;
  assert.deepEqual([told, reported], [[["Fry"]], ["mine"]]);
});

test("only functions listen", async () => {
  const { doc } = await joinedWithFry();
  assert.throws(() => doc.on("presence", undefined), TypeError);
});
