/** The way of an event: to the document, to its collection, through a load, or to nobody. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, event, heard, joined, line, settle, warnings, welcome } from "./support.js";

test("an event reaches the listeners of its type and of all, with where it was heard", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  await settle();
  const told = [];
  doc.on("event", ({ type }, heard) => told.push(["event", type, heard]));
  doc.on("presently.change", ({ type }, heard) => told.push(["type", type, heard]));
  doc.on("other.type", () => told.push("wrong"));
  fake.emit("article.42", { type: "presently.change", data: { op: "u" } });
  const here = { document: "article.42", seq: 1 };
  assert.deepEqual(told, [["event", "presently.change", here], ["type", "presently.change", here]]);
});

test("a type that is one of our own words is only heard by those who hear all", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  await settle();
  const told = [];
  for (const word of ["presence", "reload", "lease"]) doc.on(word, () => told.push(word));
  doc.on("event", ({ type }) => told.push(`event ${type}`));
  for (const type of ["presence", "reload", "lease", "event"]) fake.emit("article.42", { type });
  assert.deepEqual(told, ["event presence", "event reload", "event lease", "event event"]);
});

test("seated at both, one frame reaches document and collection, once each", async () => {
  const { fake, live } = await line();
  const doc = heard(live.join("article.42"));
  const list = heard(live.collection("article"));
  const other = heard(live.collection("page"));
  await settle();
  fake.emit("article.42", { type: "a.b" });
  fake.emit("article.43", { type: "a.b" });
  assert.deepEqual([doc, list, other], [[1], [1, 1], []]);
});

test("told twice, document and collection hear it once", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = heard(live.join("article.42"));
  joined(fake);
  const list = heard(live.collection("article"));
  joined(fake);
  const frame = event("article.42", 1);
  fake.receive(frame);
  fake.receive(frame);
  assert.deepEqual([doc, list], [[1], [1]]);
});

test("an event the document has in its join already is still news to the collection", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const list = heard(live.collection("article"));
  joined(fake);
  const doc = heard(live.join("article.42"));
  joined(fake, { seq: 7 });
  fake.receive(event("article.42", 7));
  assert.deepEqual([doc, list], [[], [7]]);
});

test("the same id from two sources is two events", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const list = heard(live.collection("article"));
  joined(fake);
  for (const [seq, source] of [[1, "/a"], [2, "/b"]]) {
    fake.receive(event("article.42", seq, { id: "same", source }));
  }
  assert.deepEqual(list, [1, 2]);
});

test("what a document missed and resumed reaches its collection too, joined later or not", async () => {
  const { fake, live, clock } = await line();
  live.join("article.42");
  const list = heard(live.collection("article"));
  await settle();
  fake.drop();
  fake.emit("article.42", { type: "a.b" });
  await clock.advance(250);
  assert.deepEqual(list, [1, "reload"]);
});

test("a collection that may not be watched hears nothing", async () => {
  const { fake, live } = await line();
  fake.forbidden.add("article.~");
  const doc = heard(live.join("article.42"));
  const refused = live.collection("article");
  const list = heard(refused);
  await assert.rejects(refused.ready, { code: "forbidden" });
  fake.emit("article.42", { type: "a.b" });
  assert.deepEqual([doc, list], [[1], []]);
});

test("a collection of some keys: joined with them, and nothing else is heard or shown", async () => {
  const { fake, live } = await line();
  const some = live.collection("article", { keys: ["41", "42"] });
  await settle();
  assert.deepEqual(fake.ofType("join")[0].keys, ["41", "42"]);
  const all = live.collection("article");
  await settle();
  assert.deepEqual("keys" in fake.ofType("join")[1], false);
  const told = [heard(some), heard(all)];
  fake.emit("article.42", { type: "a.b" });
  fake.emit("article.99", { type: "a.b" });
  fake.arrive("article.42", FRY);
  fake.arrive("article.99", FRY, "editing");
  assert.deepEqual(told, [[1], [1, 1]]);
  assert.deepEqual([...some.documents.keys()], ["article.42"]);
  assert.deepEqual([...all.documents.keys()], ["article.42", "article.99"]);
  assert.deepEqual([some.color("article.99"), all.color("article.99")], ["green", "red"]);
});

test("more keys are asked for by another join, and no reload follows", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const told = heard(live.collection("article", { keys: ["1"] }));
  joined(fake);
  live.collection("article", { keys: ["2"] });
  assert.deepEqual(fake.last.keys, ["1", "2"]);
  joined(fake);
  assert.deepEqual(told, []);
});

test("a collection shows its documents: map, colours, and what changed", async () => {
  const { fake, live } = await line();
  fake.arrive("article.42", FRY);
  const list = live.collection("article");
  const told = [];
  list.on("presence", (documents, changed) => told.push([[...documents.keys()], [...changed]]));
  await list.ready;
  fake.arrive("article.43", FRY, "editing");
  const before = list.documents;
  assert.equal(list.documents, before, "one object until it changes");
  assert.deepEqual(list.documents.get("article.43").users.map(({ name }) => name), ["Fry"]);
  fake.depart("article.42", "fry");
  assert.notEqual(list.documents, before);
  assert.deepEqual(told, [
    [["article.42"], ["article.42"]],
    [["article.42", "article.43"], ["article.43"]],
    [["article.43"], ["article.42"]],
  ]);
  assert.deepEqual(["article.42", "article.43"].map((id) => list.color(id)), ["green", "red"]);
  assert.deepEqual([list.complete, list.status, list.name], [true, "live", "article"]);
});

test("many rows at once, or nobody knows which: the event, and a reload", async () => {
  const { fake, live } = await line();
  const list = heard(live.collection("article"));
  const doc = heard(live.join("article.42"));
  await settle();
  fake.emit("article.~", { type: "presently.change", data: { op: "t", entity: "article" } });
  fake.emit("article.~", { type: "presently.resync" });
  fake.emit("article.42", { type: "presently.resync" });
  assert.deepEqual(list, [1, "reload", 2, "reload", 1, "reload"]);
  assert.deepEqual(doc, [1, "reload"]);
});

test("an event for whose type nobody listens is told each time and warned of once", async () => {
  const { fake, live } = await line();
  const unhandled = [];
  live.on("unhandled", ({ type, id }) => unhandled.push([type, id]));
  const doc = live.join("article.42");
  const list = live.collection("article");
  doc.on("a.known", () => {});
  await settle();
  const warned = await warnings(() => {
    fake.emit("article.42", { type: "a.new", id: "1" });
    fake.emit("article.42", { type: "a.new", id: "2" });
    fake.emit("article.42", { type: "a.known", id: "3" });
    fake.emit("article.43", { type: "a.known", id: "4" });
    list.on("a.new", () => {});
    fake.emit("article.42", { type: "a.new", id: "5" });
  });
  assert.deepEqual(unhandled, [["a.new", "1"], ["a.new", "2"], ["a.known", "4"]]);
  assert.deepEqual(warned.map((text) => text.match(/for (\S+)/)[1]), ["a.new", "a.known"]);
});

test("load: join, hold what comes, fetch, give the result, then deliver in order", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const log = [];
  const doc = live.join("article.42");
  doc.on("event", (_, { seq }) => log.push(seq));
  const loaded = doc.load(async () => {
    log.push("fetch");
    fake.receive(event("article.42", 7));
    await settle();
    fake.receive(event("article.42", 8));
    return "page";
  });
  await settle();
  assert.deepEqual(log, [], "not before the seat is taken");
  joined(fake, { seq: 6 });
  log.push(await loaded);
  fake.receive(event("article.42", 9));
  await clock.advance(0);
  fake.receive(event("article.42", 10));
  assert.deepEqual(log, ["fetch", "page", 7, 8, 9, 10]);
});

test("load: a listener added straight after it hears what was held", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const unhandled = [];
  live.on("unhandled", (event) => unhandled.push(event));
  await doc.load(() => fake.emit("article.42", { type: "a.b" }));
  const told = heard(doc);
  await clock.advance(0);
  assert.deepEqual([told, unhandled], [[1], []]);
});

test("load: one handle holds, the others hear at once", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  const other = heard(live.join("article.42"));
  const told = heard(doc);
  await doc.load(() => {
    fake.emit("article.42", { type: "a.b" });
    assert.deepEqual([told, other], [[], [1]]);
  });
});

test("load: two at once hold until both are done", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  let finish;
  const slow = doc.load(() => new Promise((resolve) => (finish = resolve)));
  await doc.load(() => fake.emit("article.42", { type: "a.b" }));
  await clock.advance(0);
  assert.deepEqual(told, []);
  finish();
  await slow;
  await clock.advance(0);
  assert.deepEqual(told, [1]);
});

test("load: a fetch that fails fails the load, and what was held is delivered", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  const load = doc.load(() => {
    fake.emit("article.42", { type: "a.b" });
    throw new Error("404");
  });
  await assert.rejects(load, /404/);
  await clock.advance(0);
  assert.deepEqual(told, [1]);
});

test("load: a reload meanwhile keeps its place among the events", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  await doc.load(() => {
    fake.emit("article.42", { type: "a.b" });
    fake.receive({ type: "reset", document: "article.42", epoch: "m1", seq: 0 });
    fake.receive(event("article.42", 1));
  });
  await clock.advance(0);
  assert.deepEqual(told, [1, "reload", 1]);
});

test("load: more than a thousand held events become one reload", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  await doc.load(() => {
    for (let n = 0; n < 1_001; n++) fake.emit("article.42", { type: "a.b" });
  });
  await clock.advance(0);
  assert.deepEqual(told, ["reload"]);
});

test("load: left meanwhile, nothing is delivered", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  live.on("unhandled", () => {});
  await warnings(() =>
    doc.load(() => {
      fake.emit("article.42", { type: "a.b" });
      doc.leave();
    }),
  );
  await clock.advance(0);
  assert.deepEqual(told, []);
});

test("errors that answer nothing go to the line; without a listener to the console", async () => {
  const { fake, live, errors } = await line();
  const message = "a frame that is no frame";
  fake.receive({ type: "error", code: "bad_frame", message, temporary: false });
  assert.deepEqual(errors.map(({ code }) => code), ["bad_frame"]);
  assert.equal(live.state, "online");
});

test("a list's events have no gaps to look for: each is delivered as it comes", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const told = heard(live.collection("article"));
  joined(fake, { document: "article.~", seq: 4 });
  for (const seq of [50, 7]) fake.receive(event("article.~", seq));
  const doc = heard(live.join("article.~", { mode: "watching" }));
  fake.receive(event("article.~", 3));
  assert.deepEqual([told, doc], [[50, 7, 3], [3]]);
  assert.equal(fake.ofType("join").length, 1);
});
