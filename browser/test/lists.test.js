/** Collections: which documents, which events, which colours. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, event, heard, joined, line, presence, settle, welcome } from "./support.js";

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

test("a collection of some keys: nothing else is heard or shown", async () => {
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
  assert.deepEqual(
    list.documents.get("article.43").users.map(({ name }) => name),
    ["Fry"],
  );
  fake.depart("article.42", "fry");
  assert.notEqual(list.documents, before);
  assert.deepEqual(told, [
    [["article.42"], ["article.42"]],
    [["article.42", "article.43"], ["article.43"]],
    [["article.43"], ["article.42"]],
  ]);
  assert.deepEqual(
    ["article.42", "article.43"].map((id) => list.color(id)),
    ["green", "red"],
  );
  assert.deepEqual([list.complete, list.status, list.name], [true, "live", "article"]);
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
