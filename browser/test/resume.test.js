/** A lost line comes back: events resumed, seats taken again; or it ends. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, event, heard, joined, line, presence, settle, welcome } from "./support.js";

test("back on a new socket where it was: nothing lost, nothing twice", async () => {
  const { fake, live, clock, states } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  await settle();
  fake.emit("article.42", { type: "a.b" });
  fake.drop(1006);
  assert.equal(doc.status, "stale");
  fake.emit("article.42", { type: "a.b" });
  fake.emit("article.42", { type: "a.b" });
  await clock.advance(250);
  fake.emit("article.42", { type: "a.b" });
  assert.deepEqual(told, [1, 2, 3, 4]);
  assert.equal(doc.status, "live");
  const { since } = fake.ofType("join").at(-1);
  assert.deepEqual(since, { epoch: "fake", seq: 1 });
  assert.equal(fake.hellos.at(-1).previous, "c.1");
  assert.deepEqual(states, ["online", "offline", "connecting", "online"]);
});

test("not recovered: reload, and events go on from the new position", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  const told = heard(doc);
  joined(fake, { seq: 5 });
  fake.drop();
  await clock.advance(250);
  welcome(fake);
  joined(fake, { epoch: "m1", seq: 900, recovered: false });
  fake.receive(event("article.42", 901));
  assert.deepEqual(told, ["reload", 901]);
});

test("a reset begins the numbers anew and asks for a reload", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  const told = heard(doc);
  await settle();
  fake.receive({ type: "reset", document: "article.42", epoch: "m1", seq: 0 });
  fake.receive(event("article.42", 1));
  assert.deepEqual(told, ["reload", 1]);
});

test("a reset of a member asks its collection for a reload", async () => {
  const { fake, live } = await line();
  const told = [
    heard(live.collection("article")),
    heard(live.collection("article", { keys: ["41"] })),
    heard(live.collection("memo")),
  ];
  await settle();
  fake.receive({ type: "reset", document: "article.42", epoch: "m1", seq: 0 });
  assert.deepEqual(told, [["reload"], [], []]);
});

test("a collection is never resumed: reload, and no `since`", async () => {
  const { fake, live, clock } = await line();
  const told = heard(live.collection("article"));
  await settle();
  fake.drop();
  await clock.advance(250);
  assert.deepEqual(told, ["reload"]);
  assert.equal(fake.ofType("join").at(-1).since, undefined);
});

test("events before the answer to the join are left to the answer", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const told = heard(live.join("article.42"));
  joined(fake, { seq: 5 });
  fake.drop();
  await clock.advance(250);
  welcome(fake);
  fake.receive(event("article.42", 6));
  joined(fake, { epoch: "m1", seq: 6 });
  assert.deepEqual(told, ["reload"], "it may be the sixth of another epoch");
});

test("presence is kept while the line is away, the same object if nobody moved", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake, { presence: presence([FRY], { v: 7 }) });
  const before = doc.presence;
  fake.drop();
  assert.equal(doc.presence, before);
  await clock.advance(250);
  welcome(fake);
  joined(fake, { presence: presence([FRY], { v: 1 }) });
  assert.equal(doc.presence, before);
});

test("closed by the gateway for good: told, and everything that waited fails", async () => {
  const { fake, live, clock, errors, states } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const waiting = live.join("article.43");
  const sent = assert.rejects(doc.send("a.b"), { code: "closed" });
  const ready = assert.rejects(waiting.ready, { code: "closed" });
  fake.drop(4403);
  await Promise.all([sent, ready]);
  assert.deepEqual(
    errors.map(({ code, closeCode }) => [code, closeCode]),
    [["closed", 4403]],
  );
  assert.equal(states.at(-1), "closed");
  await clock.advance(3_600_000);
  assert.equal(fake.opened, 1);
  assert.deepEqual(clock.waits, []);
  await assert.rejects(live.join("article.44").ready, { code: "closed" });
});

test("close() leaves every seat and ends for good", async () => {
  const { fake, live, clock, states } = await line();
  const doc = live.join("article.42");
  live.collection("article");
  await settle();
  live.close();
  await clock.advance(3_600_000);
  assert.deepEqual(
    fake.ofType("leave").map(({ document }) => document),
    ["article.42", "article.~"],
  );
  assert.equal(fake.online, false);
  assert.deepEqual([live.state, doc.status, live.connection], ["closed", "left", null]);
  assert.deepEqual(states, ["online", "closed"]);
  assert.deepEqual(clock.waits, []);
});
