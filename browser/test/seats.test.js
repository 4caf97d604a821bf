/** Seats and handles: who shares what, what the gateway is told. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, event, heard, joined, line, presence, settle, unconnected, welcome } from "./support.js";

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
  assert.deepEqual(fake.sent.map(({ type }) => type), ["hello", "join"]);
  assert.equal(second.status, "live");
});

test("left and joined again later, it is a new seat", async () => {
  const { fake, live } = await line();
  live.join("article.42").leave();
  await settle();
  const doc = live.join("article.42");
  await settle();
  assert.deepEqual(fake.sent.map(({ type }) => type), ["hello", "join", "leave", "join"]);
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
  assert.deepEqual(fake.ofType("update").map(({ state }) => state), [{ x: 1 }]);
  fake.receive({ type: "ok", id: fake.last.id });
  assert.deepEqual(fake.ofType("update").map(({ state }) => state), [{ x: 1 }, { x: 4 }]);
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
  assert.deepEqual(asked, { type: "update", document: "article.42", mode: "editing", state, lease: true });
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

test("the lease lost is told to every handle", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  await settle();
  await doc.edit({ lease: true });
  const told = [];
  doc.on("lease", (lease) => told.push(lease));
  fake.receive({ type: "lease", document: "article.42", lost: "expired" });
  assert.deepEqual(told, [{ lost: "expired" }]);
});

test("a document may not be joined: told once to the line, ready and requests fail", async () => {
  const { fake, live, errors } = await line();
  fake.forbidden.add("secret.1");
  const doc = live.join("secret.1");
  const statuses = [];
  doc.subscribe(() => statuses.push(doc.status));
  await assert.rejects(doc.ready, { code: "forbidden", document: "secret.1" });
  await assert.rejects(doc.send("a.b"), { code: "forbidden" });
  await assert.rejects(doc.load(() => assert.fail("no load")), { code: "forbidden" });
  assert.deepEqual([doc.status, statuses], ["refused", ["refused"]]);
  assert.deepEqual(errors.map(({ code }) => code), ["forbidden"]);
  doc.leave();
  await settle();
  assert.deepEqual(fake.ofType("leave"), [], "there is no seat to leave");
});

test("joined again after a refusal, it is tried again, for the older handle too", async () => {
  const { fake, live } = await line();
  fake.forbidden.add("secret.1");
  const doc = live.join("secret.1");
  await settle();
  fake.forbidden.clear();
  await live.join("secret.1").ready;
  assert.equal(doc.status, "live");
});

test("a join that fails for a while is tried again", async () => {
  const { fake, live, clock, errors } = await line({ answers: false });
  welcome(fake);
  live.join("article.42");
  const { id, document } = fake.last;
  const error = { type: "error", id, document, code: "unavailable", message: "no hub", temporary: true };
  fake.receive(error);
  await clock.advance(500);
  assert.equal(fake.ofType("join").length, 2);
  fake.receive({ ...error, id: fake.last.id, code: "rate_limited", retry_in_ms: 7000 });
  await clock.advance(6999);
  assert.equal(fake.ofType("join").length, 2);
  await clock.advance(1);
  assert.equal(fake.ofType("join").length, 3);
  assert.deepEqual(errors, []);
});

test("a join without an answer is tried again", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  live.join("article.42");
  await clock.advance(10_000);
  fake.receive({ type: "ping" });
  await clock.advance(500);
  assert.equal(fake.ofType("join").length, 2);
});

test("a seat that the gateway ends by itself is refused", async () => {
  const { fake, live, errors } = await line();
  const doc = live.join("article.42");
  await settle();
  const document = "article.42";
  fake.receive({ type: "error", document, code: "forbidden", message: "no more", temporary: false });
  await settle();
  assert.equal(doc.status, "refused");
  assert.deepEqual(errors.map(({ code }) => code), ["forbidden"]);
});

test("bad ids are refused on the spot", async () => {
  const { live } = await line();
  assert.throws(() => live.join("article"), RangeError);
  assert.throws(() => live.join("article/42"), RangeError);
  assert.throws(() => live.collection("a b"), RangeError);
});

test("presence: merged, one object until it changes, asked for whole after a gap, once", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake, { presence: presence([FRY], { v: 7 }) });
  const before = doc.presence;
  assert.deepEqual(before.others.map(({ name }) => name), ["Fry"]);
  const change = (v, users, left = []) => ({
    type: "presence", document: "article.42", ...presence(users), v, full: false, left,
  });
  let calls = 0;
  doc.subscribe(() => calls++);
  fake.receive(change(7, [{ id: "amy" }]));
  assert.equal(doc.presence, before);
  fake.receive(change(10, [{ id: "amy" }]));
  fake.receive(change(11, [{ id: "bender" }]));
  assert.equal(doc.presence, before);
  assert.equal(calls, 0);
  assert.deepEqual(fake.ofType("sync").map(({ document }) => document), ["article.42"]);
  const whole = presence([{ id: "amy" }, { id: "bender" }], { v: 12 });
  fake.receive({ type: "presence", document: "article.42", ...whole });
  fake.receive({ type: "ok", id: fake.last.id });
  fake.receive(change(13, [], ["amy"]));
  assert.deepEqual(doc.presence.users.map(({ id }) => id), ["bender"]);
  assert.notEqual(doc.presence, before);
  assert.equal(calls, 2);
});

test("a sync may be answered by a whole `joined`", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  fake.receive({ type: "presence", document: "article.42", ...presence([FRY]), v: 9, full: false });
  const { id } = fake.last;
  const rest = { document: "article.42", epoch: "k3", seq: 0, recovered: false, events: [] };
  fake.receive({ type: "joined", id, ...rest, presence: presence([FRY], { v: 9 }) });
  assert.deepEqual(doc.presence.users.map(({ id }) => id), ["fry"]);
});

test("a missing event is asked for, and what came too early comes with the answer", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  const told = heard(doc);
  joined(fake, { seq: 5 });
  fake.receive(event("article.42", 6));
  fake.receive(event("article.42", 8));
  fake.receive(event("article.42", 9));
  assert.deepEqual(fake.ofType("join").at(-1).since, { epoch: "k3", seq: 6 });
  assert.equal(fake.ofType("join").length, 2);
  const events = [7, 8, 9].map((seq) => event("article.42", seq));
  joined(fake, { seq: 9, recovered: true, events });
  fake.receive(event("article.42", 10));
  assert.deepEqual(told, [6, 7, 8, 9, 10]);
});
