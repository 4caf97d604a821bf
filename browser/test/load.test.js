/** Join, hold, fetch, deliver. */

import assert from "node:assert/strict";
import test from "node:test";

import { event, heard, joined, line, settle, warnings, welcome } from "./support.js";

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
