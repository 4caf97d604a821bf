/** The small pieces: what waits, what was seen, who listens, what time it is. */

import assert from "node:assert/strict";
import test from "node:test";

import { passes, readFrame } from "../src/frames.js";
import { Listeners } from "../src/listeners.js";
import { MOST, Outbox } from "../src/outbox.js";
import { Previous } from "../src/previous.js";
import { Seen } from "../src/seen.js";
import { FakeClock } from "../src/testing.js";
import { Timers } from "../src/timers.js";
import { FakeStorage } from "./support.js";

function request(document, once = false) {
  return { document, event: undefined, make: () => ({ type: "send" }), once, until: 10_000 };
}

test("outbox: a lost socket takes some requests along and makes the others unsent", () => {
  const outbox = new Outbox();
  const [join, send] = [outbox.add(request("a.1", true)), outbox.add(request("a.1"))];
  const other = outbox.add(request("a.2"));
  join.sent = send.sent = other.sent = true;
  assert.deepEqual(outbox.unsent("a.1"), []);
  assert.deepEqual(outbox.lost(), { gone: [join], kept: [send, other] });
  assert.deepEqual(outbox.unsent("a.1"), [send]);
  assert.equal(outbox.get(join.id), undefined);
});

test("outbox: ids are never used twice, not even after a drop", () => {
  const outbox = new Outbox();
  const first = outbox.add(request("a.1"));
  outbox.drop(first);
  assert.notEqual(outbox.add(request("a.1")).id, first.id);
});

test("outbox: bounded", () => {
  const outbox = new Outbox();
  for (let n = 0; n < MOST; n++) outbox.add(request("a.1"));
  assert.equal(outbox.isFull, true);
});

test("seen: an id is new once; the oldest are forgotten first", () => {
  const seen = new Seen(2);
  assert.deepEqual(
    ["a", "a", "b", "c", "b", "a"].map((id) => seen.add(id)),
    [true, false, true, true, false, true],
  );
});

test("listeners: one that throws costs the others nothing and is reported", () => {
  const listeners = new Listeners();
  const told = [];
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  listeners.on("x", () => {
    throw new Error("mine");
  });
  listeners.on("x", (value) => told.push(value));
  listeners.emit("x", 1);
  delete globalThis.reportError;
  assert.deepEqual([told, reported], [[1], ["mine"]]);
});

test("listeners: one given twice is called twice and taken away once", () => {
  const listeners = new Listeners();
  let calls = 0;
  const call = () => calls++;
  const off = listeners.on("x", call);
  listeners.on("x", call);
  listeners.emit("x");
  off();
  off();
  listeners.emit("x");
  assert.equal(calls, 3);
  assert.equal(listeners.has("x"), true);
});

test("listeners: one added during a call hears the next", () => {
  const listeners = new Listeners();
  const told = [];
  listeners.on("x", () => listeners.on("x", () => told.push("late")));
  listeners.emit("x");
  assert.deepEqual(told, []);
});

test("listeners: only functions", () => {
  assert.throws(() => new Listeners().on("x", undefined), TypeError);
});

test("previous: left once, taken once, apart for each gateway", () => {
  const storage = new FakeStorage();
  const here = new Previous(storage, "wss://a/");
  here.leave("c.1");
  assert.equal(new Previous(storage, "wss://b/").take(), null);
  assert.equal(here.take(), "c.1");
  assert.equal(here.take(), null);
  here.leave(null);
  assert.equal(storage.size, 0);
});

test("previous: without storage, or with one that throws, there is none", () => {
  const forbidden = {
    getItem() {
      throw new Error("denied");
    },
    setItem() {
      throw new Error("denied");
    },
  };
  for (const storage of [null, undefined, forbidden]) {
    const previous = new Previous(storage, "wss://a/");
    previous.leave("c.1");
    assert.equal(previous.take(), null);
  }
});

test("timers: set again, a timer moves; what is not finite is none", async () => {
  const clock = new FakeClock();
  const timers = new Timers(clock);
  const fired = [];
  timers.set("a", 10, () => fired.push("early"));
  timers.set("a", 20, () => fired.push(clock.now()));
  timers.set("never", Infinity, () => fired.push("never"));
  await clock.advance(100);
  assert.deepEqual(fired, [20]);
});

test("timers: a wait longer than a browser can hold does not fire at once", async () => {
  const clock = new FakeClock();
  new Timers(clock).set("a", 2 ** 40, () => {});
  assert.deepEqual(clock.waits, [2 ** 31 - 1]);
});

test("frames: what is no frame is none", () => {
  for (const text of [
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    '{"type":7}',
    new ArrayBuffer(2),
    undefined,
  ]) {
    assert.equal(readFrame(text), null);
  }
  assert.deepEqual(readFrame('{"type":"new","x":1}'), { type: "new", x: 1 });
});

test("frames: size is counted in UTF-8", () => {
  assert.equal(passes("ab", 2), true);
  assert.equal(passes("abc", 2), false);
  assert.equal(passes("日", 3), true);
  assert.equal(passes("日", 2), false);
});
