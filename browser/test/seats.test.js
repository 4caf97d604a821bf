/** Seats and handles: who shares what, what the gateway is told. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, heard, joined, line, presence, settle, unconnected, welcome } from "./support.js";

function brief({ type, document, mode }) {
  return [type, document, ...(mode ? [mode] : [])].join(" ");
}

test("several handles share one seat, whose mode is the strongest", async () => {
  const { fake, live } = await line();
  const header = live.join("article.42", { mode: "watching" });
  const page = live.join("article.42");
  await settle();
  const form = live.join("article.42", { mode: "editing" });
  await settle();
  const page2 = live.join("article.42");
  await settle();
  form.leave();
  await settle();
  page.leave();
  page2.leave();
  await settle();
  header.leave();
  await settle();
  assert.deepEqual(fake.sent.slice(1).map(brief), [
    "join article.42 watching",
    "update article.42 reading",
    "update article.42 editing",
    "update article.42 reading",
    "update article.42 watching",
    "leave article.42",
  ]);
});

test("leaving twice is leaving once, and a left handle is silent", async () => {
  const { fake, live } = await line();
  const [one, two] = [live.join("article.42"), live.join("article.42")];
  await settle();
  const told = heard(one);
  one.leave();
  one.leave();
  await settle();
  assert.deepEqual(fake.ofType("leave"), []);
  assert.equal(one.status, "left");
  assert.equal(two.status, "live");
  fake.emit("article.42", { type: "a.b" });
  assert.deepEqual(told, []);
  await assert.rejects(one.send("a.b"), { code: "not_joined" });
  await assert.rejects(one.edit(), { code: "not_joined" });
});

test("left and joined again in one go, the seat is kept", async () => {
  const { fake, live } = await line();
  const first = live.join("article.42");
  await settle();
  first.leave();
  const second = live.join("article.42");
  await settle();
  assert.deepEqual(
    fake.sent.map(({ type }) => type),
    ["hello", "join"],
  );
  assert.equal(second.status, "live");
});

test("left and joined again later, it is a new seat", async () => {
  const { fake, live } = await line();
  live.join("article.42").leave();
  await settle();
  const doc = live.join("article.42");
  await settle();
  assert.deepEqual(
    fake.sent.map(({ type }) => type),
    ["hello", "join", "leave", "join"],
  );
  assert.equal(doc.status, "live");
});

test("a handle on a seat that is live already is told the presence at once", async () => {
  const { fake, live } = await line();
  live.join("article.42");
  await settle();
  fake.arrive("article.42", FRY);
  const told = [];
  const late = live.join("article.42");
  late.on("presence", ({ others }) => told.push(others.map(({ id }) => id)));
  await late.ready;
  await settle();
  assert.deepEqual(told, [["fry"]]);
});

test("what is wanted before the line is up goes with the join", async () => {
  const { fake, live, clock } = unconnected();
  const doc = live.join("article.42", { state: { field: "a" } });
  doc.setState({ field: "b" });
  await clock.advance(0);
  const [join] = fake.ofType("join");
  assert.deepEqual([join.mode, join.state], ["reading", { field: "b" }]);
  assert.equal(fake.sent.length, 2);
});

test("while an update is under way newer states replace each other: the latest wins", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  for (const x of [1, 2, 3, 4]) doc.setState({ x });
  assert.deepEqual(
    fake.ofType("update").map(({ state }) => state),
    [{ x: 1 }],
  );
  fake.receive({ type: "ok", id: fake.last.id });
  assert.deepEqual(
    fake.ofType("update").map(({ state }) => state),
    [{ x: 1 }, { x: 4 }],
  );
  fake.receive({ type: "ok", id: fake.last.id });
  assert.equal(fake.ofType("update").length, 2);
});

test("edit, then read: each is answered, with the fence when there is one", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const edited = doc.edit({ lease: true, state: { field: "title" } });
  const { id, ...asked } = fake.last;
  const state = { field: "title" };
  assert.deepEqual(asked, {
    type: "update",
    document: "article.42",
    mode: "editing",
    state,
    lease: true,
  });
  fake.receive({ type: "ok", id, fence: 17 });
  assert.deepEqual(await edited, { fence: 17 });
  const read = doc.read();
  assert.deepEqual([fake.last.mode, fake.last.lease], ["reading", false]);
  fake.receive({ type: "ok", id: fake.last.id });
  assert.equal(await read, undefined);
});

test("an edit refused says who is in the way and leaves the handle a reader", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const edited = doc.edit({ lease: true, state: { field: "title" } });
  const { id, document } = fake.last;
  const message = "Fry is editing article.42";
  fake.receive({ type: "error", id, document, code: "locked", message, temporary: false, by: FRY });
  await assert.rejects(edited, { code: "locked", by: FRY, temporary: false, message });
  await settle();
  const { mode, state } = fake.last;
  assert.deepEqual([mode, state], ["reading", {}]);
  fake.drop();
});

test("an edit that changes nothing asks nothing", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42", { mode: "editing" });
  await settle();
  const before = fake.sent.length;
  assert.deepEqual(await doc.edit(), {});
  assert.equal(fake.sent.length, before);
});

