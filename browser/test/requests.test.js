/** What is asked of the gateway: repeated, refused, given up. */

import assert from "node:assert/strict";
import test from "node:test";

import { event, joined, line, settle, unconnected, welcome } from "./support.js";

test("a pending send is repeated with the same event id until it is acknowledged", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const sent = doc.send("cursor.moved", { x: 3 });
  fake.drop();
  await clock.advance(250);
  welcome(fake);
  assert.equal(fake.ofType("send").length, 1, "not before the seat is taken");
  joined(fake, { recovered: true });
  const [first, second] = fake.ofType("send");
  assert.deepEqual(second, first);
  fake.receive({ type: "ok", id: second.id, seq: 8 });
  assert.deepEqual(await sent, { seq: 8 });
  fake.drop();
  await clock.advance(500);
  welcome(fake);
  joined(fake, { recovered: true });
  assert.equal(fake.ofType("send").length, 2);
});

test("what is sent while the line is away goes out in order when it is back", async () => {
  const { fake, live, clock } = await line();
  const doc = live.join("article.42");
  await settle();
  fake.drop();
  const sent = [doc.send("a.one"), doc.send("a.two")];
  await clock.advance(250);
  assert.deepEqual(await Promise.all(sent), [{ seq: 1 }, { seq: 2 }]);
  assert.deepEqual(
    fake.ofType("send").map(({ event }) => event.type),
    ["a.one", "a.two"],
  );
});

test("no answer within ten seconds: timeout, temporary, with the event to repeat", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const sent = doc.send("a.b", {}, { id: "mine" });
  const failed = assert.rejects(sent, ({ code, temporary, event }) => {
    assert.deepEqual([code, temporary, event.id, event.type], ["timeout", true, "mine", "a.b"]);
    return true;
  });
  await clock.advance(9_999);
  fake.receive({ type: "ping" });
  await clock.advance(1);
  await failed;
  doc.send("a.b", {}, { id: "mine" }).catch(() => {});
  assert.deepEqual(
    fake.ofType("send").map(({ event }) => event.id),
    ["mine", "mine"],
  );
});

test("a temporary refusal is tried again while there is time", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const sent = doc.send("a.b");
  const refusal = { type: "error", code: "rate_limited", message: "slow down", temporary: true };
  fake.receive({ ...refusal, id: fake.last.id, retry_in_ms: 2000 });
  await clock.advance(1999);
  assert.equal(fake.ofType("send").length, 1);
  await clock.advance(1);
  assert.equal(fake.ofType("send").length, 2);
  const failed = assert.rejects(sent, { code: "rate_limited", temporary: true, retryInMs: 60_000 });
  fake.receive({ ...refusal, id: fake.last.id, retry_in_ms: 60_000 });
  await failed;
});

test("a final refusal is final", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const failed = assert.rejects(doc.send("presently.change"), {
    code: "forbidden",
    temporary: false,
  });
  const { id } = fake.last;
  fake.receive({ type: "error", id, code: "forbidden", message: "not yours", temporary: false });
  await failed;
});

test("an ephemeral event goes out now or never", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const sent = doc.send("cursor.moved", { x: 1 }, { ephemeral: true });
  assert.equal(fake.last.ephemeral, true);
  fake.drop();
  assert.deepEqual(await sent, {});
  assert.deepEqual(await doc.send("cursor.moved", { x: 2 }, { ephemeral: true }), {});
  await clock.advance(250);
  welcome(fake);
  joined(fake);
  assert.equal(fake.ofType("send").length, 1);
});

test("an edit under way when the line went is asked again on the new seat", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const edited = doc.edit({ lease: true });
  fake.drop();
  await clock.advance(250);
  welcome(fake);
  assert.equal(fake.last.mode, "editing");
  joined(fake);
  assert.deepEqual([fake.last.type, fake.last.lease], ["update", true]);
  fake.receive({ type: "ok", id: fake.last.id, fence: 3 });
  assert.deepEqual(await edited, { fence: 3 });
});

test("a lease is asked for again after a reconnect; fence or loss is told", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  const told = [];
  doc.on("lease", (lease) => told.push(lease));
  joined(fake);
  const edited = doc.edit({ lease: true });
  fake.receive({ type: "ok", id: fake.last.id, fence: 3 });
  await edited;
  for (const answer of [
    { type: "ok", fence: 9 },
    { type: "error", code: "locked", message: "no" },
  ]) {
    fake.drop();
    await clock.advance(20_000);
    welcome(fake);
    joined(fake);
    fake.receive({ temporary: false, ...answer, id: fake.last.id });
    await settle();
  }
  assert.deepEqual(told, [{ fence: 9 }, { lost: "locked" }]);
});

test("a frame too big for the gateway is refused here: it would end the whole line", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  await settle();
  await assert.rejects(doc.send("a.b", { text: "x".repeat(70_000) }), { code: "too_big" });
  assert.deepEqual(fake.ofType("send"), []);
});

test("more than a thousand unanswered requests are refused", async () => {
  const { live } = unconnected({ answers: false });
  const doc = live.join("article.42");
  for (let n = 0; n < 1000; n++) doc.send("a.b").catch(() => {});
  await assert.rejects(doc.send("a.b"), { code: "limit" });
});

test("a gateway that takes smaller frames says so in its welcome", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake, { limits: { frame_bytes: 1_000 } });
  const doc = live.join("article.42");
  joined(fake);
  await assert.rejects(doc.send("a.b", { text: "x".repeat(1_000) }), { code: "too_big" });
});

test("what was to be tried again waits for the seat when the line was lost meanwhile", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  doc.send("a.b").catch(() => {});
  const { id } = fake.last;
  const slow = {
    type: "error",
    code: "rate_limited",
    message: "",
    temporary: true,
    retry_in_ms: 1000,
  };
  fake.receive({ ...slow, id });
  fake.drop();
  await clock.advance(250);
  welcome(fake);
  await clock.advance(2_000);
  assert.equal(fake.ofType("send").length, 1);
  joined(fake);
  assert.equal(fake.ofType("send").length, 2);
  await clock.advance(2_000);
  assert.equal(fake.ofType("send").length, 2);
});
