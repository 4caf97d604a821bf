/** The gateway in memory that applications test with. */

import assert from "node:assert/strict";
import test from "node:test";

import { connect } from "../src/index.js";
import { FakeClock, FakeConnection, settle } from "../src/testing.js";
import { FRY, LEELA } from "./support.js";

function application(fake = new FakeConnection({ user: LEELA })) {
  const clock = new FakeClock();
  const surroundings = { clock, random: () => 0, storage: null, page: null };
  return {
    fake,
    clock,
    live: connect("ws://fake/", { WebSocket: fake.WebSocket, ...surroundings }),
  };
}

test("the example of its docstring", async () => {
  const { fake, live } = application();
  const doc = live.join("article.42");
  await doc.ready;
  const changes = [];
  doc.on("presently.change", ({ actor }) => changes.push(actor));
  fake.arrive("article.42", FRY, "editing", { field: "title" });
  fake.emit("article.42", { type: "presently.change", actor: "fry", data: {} });
  assert.deepEqual(changes, ["fry"]);
  const [fry] = doc.presence.others;
  assert.deepEqual(fry, { ...FRY, info: {}, mode: "editing", state: { field: "title" } });
  assert.equal(doc.presence.color, "red");
  fake.depart("article.42", "fry");
  assert.equal(doc.presence.color, "green", "only Leela herself");
});

test("what the application does is seen by the test", async () => {
  const { fake, live } = application();
  const doc = live.join("article.42");
  await doc.ready;
  await doc.edit({ state: { field: "title" } });
  assert.deepEqual(
    doc.presence.users.map(({ id, mode }) => [id, mode]),
    [["leela", "editing"]],
  );
  assert.deepEqual(await doc.send("a.b", { x: 1 }), { seq: 1 });
  assert.deepEqual(await doc.send("a.c", {}, { ephemeral: true }), {});
  assert.equal(fake.last.event.type, "a.c");
  doc.leave();
  await settle();
  assert.equal(fake.last.type, "leave");
});

test("a lost line, a refusal, a gateway that is silent", async () => {
  const { fake, live, clock } = application();
  const doc = live.join("article.42");
  await doc.ready;
  fake.drop();
  assert.equal(fake.online, false);
  await clock.advance(0);
  assert.equal(fake.online, true);
  assert.equal(doc.status, "live");
  fake.forbidden.add("secret.1");
  await assert.rejects(live.join("secret.1").ready, { code: "forbidden" });
  const silent = application(new FakeConnection({ answers: false }));
  await silent.clock.advance(0);
  assert.deepEqual(
    silent.fake.sent.map(({ type }) => type),
    ["hello"],
  );
  assert.equal(silent.live.state, "connecting");
});

test("the clock calls what is due at its time, in order, and what that sets off", async () => {
  const clock = new FakeClock();
  const told = [];
  clock.setTimeout(() => told.push(["b", clock.now()]), 20);
  clock.setTimeout(() => {
    told.push(["a", clock.now()]);
    clock.setTimeout(() => told.push(["c", clock.now()]), 5);
  }, 10);
  const gone = clock.setTimeout(() => told.push("gone"), 1);
  clock.clearTimeout(gone);
  await clock.advance(20);
  assert.deepEqual(told, [
    ["a", 10],
    ["c", 15],
    ["b", 20],
  ]);
  assert.equal(clock.now(), 20);
});
