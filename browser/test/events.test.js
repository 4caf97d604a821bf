/** The way of an event: to the document, to its collection, or to nobody. */

import assert from "node:assert/strict";
import test from "node:test";

import { event, heard, joined, line, presence, settle, warnings, welcome } from "./support.js";

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
  assert.deepEqual(told, [
    ["event", "presently.change", here],
    ["type", "presently.change", here],
  ]);
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
  for (const [seq, source] of [
    [1, "/a"],
    [2, "/b"],
  ]) {
    fake.receive(event("article.42", seq, { id: "same", source }));
  }
  assert.deepEqual(list, [1, 2]);
});

test("what a document missed and resumed reaches its collection too", async () => {
  const { fake, live, clock } = await line();
  live.join("article.42");
  const list = heard(live.collection("article"));
  await settle();
  fake.drop();
  fake.emit("article.42", { type: "a.b" });
  await clock.advance(250);
  assert.deepEqual(list, [1, "reload"]);
});

test("many rows at once, or nobody knows which: the event, and a reload", async () => {
  const { fake, live } = await line();
  const list = heard(live.collection("article"));
  const doc = heard(live.join("article.42"));
  await settle();
  fake.emit("article.~", { type: "presently.change", data: { op: "t", entity: "article" } });
  fake.emit("article.~", { type: "presently.resync" });
  fake.emit("article.42", { type: "presently.resync" });
  const each = ["reload", "reload"]; // For the event, and for the member that begins anew.
  assert.deepEqual(list, [1, ...each, 2, ...each, 1, "reload"]);
  assert.deepEqual(doc, ["reload", "reload", 1, "reload"], "once for each");
});

test("a table is truncated: each document of it is told to load anew once, in its new epoch", async () => {
  const { fake, live, clock } = await line();
  const told = ["article.1", "article.2"].map((one) => heard(live.join(one)));
  const other = heard(live.join("page.1"));
  await settle();
  fake.emit("article.1", { type: "a.b" });
  fake.emit("article.~", { type: "presently.change", data: { op: "t", entity: "article" } });
  fake.emit("article.1", { type: "a.b" });
  assert.deepEqual([told, other], [[[1, "reload", 1], ["reload"]], []]);
  fake.drop();
  fake.emit("article.1", { type: "a.b" });
  fake.emit("article.~", { type: "presently.resync" });
  await clock.advance(250);
  assert.deepEqual(told, [
    [1, "reload", 1, "reload"],
    ["reload", "reload"],
  ]);
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
  assert.deepEqual(unhandled, [
    ["a.new", "1"],
    ["a.new", "2"],
    ["a.known", "4"],
  ]);
  assert.deepEqual(
    warned.map((text) => text.match(/for (\S+)/)[1]),
    ["a.new", "a.known"],
  );
});

test("errors that answer nothing go to the line; without a listener to the console", async () => {
  const { fake, live, errors } = await line();
  const message = "a frame that is no frame";
  fake.receive({ type: "error", code: "bad_frame", message, temporary: false });
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["bad_frame"],
  );
  assert.equal(live.state, "online");
});
