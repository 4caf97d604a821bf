/** The sole right to edit: who has it, who loses it, and what a break costs. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, LEELA, joined, line, settle, welcome } from "./support.js";

/** A page that holds the lease, its gateway answering. */
async function holding() {
  const it = await line();
  const doc = it.live.join("article.42");
  const told = [];
  doc.on("lease", (news) => told.push(news));
  await doc.ready;
  const { fence } = await doc.edit({ lease: true });
  assert.deepEqual([doc.fence, doc.presence.lease], [fence, { user: LEELA.id, fence }]);
  return { ...it, doc, told, fence };
}

test("the handle has the fence until it reads again", async () => {
  const { doc, told, fake } = await holding();
  await doc.read();
  assert.deepEqual([doc.fence, doc.presence.lease, told], [null, null, []]);
  assert.equal(fake.last.lease, false);
  await doc.edit();
  assert.equal(fake.last.lease, undefined);
});

test("an edit within a lease keeps it", async () => {
  const { doc, fence } = await holding();
  assert.deepEqual(await doc.edit({ state: { field: "body" } }), { fence });
  assert.deepEqual(await doc.edit({ lease: true }), { fence });
  assert.deepEqual(await doc.edit({ lease: false }), {});
  assert.deepEqual([doc.fence, doc.presence.lease], [null, null]);
});

test("whoever is locked out is told by whom, and sees when it is free", async () => {
  const { fake, live } = await line();
  const doc = live.join("article.42");
  await doc.ready;
  fake.arrive("article.42", FRY, "editing");
  fake.lease("article.42", FRY.id);
  await assert.rejects(doc.edit({ lease: true }), { code: "locked", by: FRY });
  assert.deepEqual([doc.fence, doc.presence.lease?.user], [null, FRY.id]);
  fake.lease("article.42", null);
  assert.equal(doc.presence.lease, null);
  assert.ok((await doc.edit({ lease: true })).fence);
});

test("a break costs neither lease nor fence", async () => {
  const { doc, told, fake, clock, fence } = await holding();
  fake.drop();
  assert.equal(doc.fence, fence);
  await clock.advance(20_000);
  await settle();
  assert.equal(fake.ofType("join").at(-1).lease, fence);
  assert.deepEqual([doc.fence, doc.presence.lease?.fence, told], [fence, fence, []]);
});

test("whoever got it during the break is named, and the page reads", async () => {
  const { doc, told, fake, clock } = await holding();
  fake.drop();
  fake.arrive("article.42", FRY, "editing");
  fake.lease("article.42", FRY.id);
  await clock.advance(20_000);
  await settle();
  assert.deepEqual(told, [{ lost: "locked", by: FRY }]);
  assert.deepEqual([doc.fence, doc.presence.users.find(({ id }) => id === LEELA.id)?.mode], [
    null,
    "reading",
  ]);
});

test("a lease that ended unheard is asked for again", async () => {
  const { doc, told, fake, fence } = await holding();
  fake.lease("article.42", null);
  await settle();
  assert.deepEqual([told, doc.fence], [[{ fence: fence + 1 }], fence + 1]);
  fake.lease("article.42", FRY.id);
  await settle();
  assert.deepEqual(told.slice(1), [{ lost: "locked", by: { id: "fry", name: "fry" } }]);
  assert.equal(doc.fence, null);
});

test("what the other tab took is not asked for again; an older loss is none", async () => {
  const { doc, told, fake, fence } = await holding();
  const lost = { type: "lease", document: "article.42", lost: "taken" };
  fake.receive({ ...lost, fence: fence - 1 });
  assert.deepEqual([told, doc.fence], [[], fence]);
  const asked = fake.ofType("update").filter(({ lease }) => lease).length;
  fake.receive({ ...lost, fence });
  await settle();
  assert.deepEqual([told, doc.fence], [[{ lost: "taken" }], null]);
  assert.equal(fake.ofType("update").filter(({ lease }) => lease).length, asked);
  assert.deepEqual([fake.last.mode, fake.last.lease], ["reading", false]);
});

test("two handles share it; the last to want it gives it back", async () => {
  const { doc, live, fake, fence } = await holding();
  const other = live.join("article.42");
  assert.equal(other.fence, null);
  assert.deepEqual(await other.edit({ lease: true }), { fence });
  await doc.read();
  assert.deepEqual([doc.fence, other.fence, other.presence.lease?.fence], [null, fence, fence]);
  const third = live.join("article.42");
  other.leave();
  await settle();
  assert.deepEqual([fake.last.type, fake.last.lease], ["update", false]);
  assert.equal(third.presence.lease, null);
});

test("a lease that was granted after the page gave up is given back", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const edited = doc.edit({ lease: true });
  const asked = fake.last;
  const read = doc.read();
  assert.deepEqual([fake.last.mode, fake.last.lease], ["reading", false]);
  fake.receive({ type: "ok", id: asked.id, fence: 3 });
  fake.receive({ type: "ok", id: fake.last.id });
  assert.deepEqual([await edited, await read, doc.fence], [{}, undefined, null]);
});

test("a lease whose answer never came is given back", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  const edited = doc.edit({ lease: true });
  edited.catch(() => {});
  await clock.advance(10_000);
  await assert.rejects(edited, { code: "timeout" });
  assert.deepEqual([fake.last.type, fake.last.mode, fake.last.lease], ["update", "reading", false]);
});

test("an edit given up during a break is not asked for on the new seat", async () => {
  const { fake, live, clock } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake);
  doc.edit({ lease: true }).catch(() => {});
  fake.drop();
  doc.read().catch(() => {});
  await clock.advance(1_000);
  welcome(fake);
  joined(fake);
  assert.equal(fake.ofType("join").at(-1).lease, undefined);
  assert.deepEqual(fake.ofType("update").slice(1).filter(({ lease }) => lease), []);
});
