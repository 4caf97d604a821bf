/** The browser sees the network go and come back; the socket may outlive that. */

import assert from "node:assert/strict";
import test from "node:test";

import { FakePage, heard, joined, line, settle, welcome } from "./support.js";

async function tab(o = {}) {
  const page = new FakePage();
  return { page, ...(await line({ page, ...o })) };
}

test("the network is gone: told at once, and the socket is kept with all it brings", async () => {
  const { fake, live, page, states, errors } = await tab();
  const told = heard(live.join("article.42"));
  await settle();
  page.networkGone();
  page.networkGone();
  assert.deepEqual([live.state, states], ["offline", ["online", "offline"]]);
  fake.emit("article.42", { type: "a.b" });
  await settle();
  assert.deepEqual([told, live.state, fake.online, fake.opened], [[1], "offline", true, 1]);
  assert.deepEqual(errors, []);
});

test("the network is back: online as soon as the line answers, without another join", async () => {
  const { fake, live, page, clock, states } = await tab({ answers: false });
  welcome(fake);
  live.join("article.42");
  joined(fake);
  page.networkGone();
  await clock.advance(9_000);
  page.networkBack();
  assert.deepEqual(fake.last, { type: "sync", id: "probe", document: "article.42" });
  assert.equal(live.state, "offline", "the browser has a network; whether the line lives is open");
  fake.receive({ type: "ok", id: "probe" });
  await clock.advance(2_000);
  assert.deepEqual([live.state, states], ["online", ["online", "offline", "online"]]);
  assert.deepEqual([fake.opened, fake.ofType("join").length], [1, 1]);
});

test("the network is back, and the line is silent for two seconds: a new one", async () => {
  const { fake, live, page, clock } = await tab({ answers: false });
  welcome(fake);
  page.networkGone();
  page.networkBack();
  await clock.advance(2_250);
  assert.equal(fake.opened, 2);
  assert.equal(live.state, "connecting");
  welcome(fake);
  assert.equal(live.state, "online");
});

test("a line that dies while the network is gone is replaced as ever", async () => {
  const { fake, live, page, clock, states } = await tab();
  const doc = live.join("article.42");
  await settle();
  page.networkGone();
  fake.drop();
  assert.deepEqual([doc.status, states], ["stale", ["online", "offline"]]);
  await clock.advance(250);
  assert.deepEqual([live.state, doc.status], ["online", "live"], "a welcome is proof of a network");
});

test("a closed line stays closed, whatever becomes of the network", async () => {
  const { live, page, states } = await tab();
  page.networkGone();
  live.close();
  page.networkBack();
  page.networkGone();
  assert.deepEqual([live.state, states], ["closed", ["online", "offline", "closed"]]);
});
