/** The answer to a join: refused, late, missing; and what is asked for again. */

import assert from "node:assert/strict";
import test from "node:test";

import { FRY, event, heard, joined, line, presence, settle, welcome } from "./support.js";

test("a document may not be joined: told once to the line, ready and requests fail", async () => {
  const { fake, live, errors } = await line();
  fake.forbidden.add("secret.1");
  const doc = live.join("secret.1");
  const statuses = [];
  doc.subscribe(() => statuses.push(doc.status));
  await assert.rejects(doc.ready, { code: "forbidden", document: "secret.1" });
  await assert.rejects(doc.send("a.b"), { code: "forbidden" });
  await assert.rejects(
    doc.load(() => assert.fail("no load")),
    { code: "forbidden" },
  );
  assert.deepEqual([doc.status, statuses], ["refused", ["refused"]]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["forbidden"],
  );
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
  const error = {
    type: "error",
    id,
    document,
    code: "unavailable",
    message: "no hub",
    temporary: true,
  };
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
  fake.receive({
    type: "error",
    document,
    code: "forbidden",
    message: "no more",
    temporary: false,
  });
  await settle();
  assert.equal(doc.status, "refused");
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["forbidden"],
  );
});

test("bad ids are refused on the spot", async () => {
  const { live } = await line();
  assert.throws(() => live.join("article"), RangeError);
  assert.throws(() => live.join("article/42"), RangeError);
  assert.throws(() => live.collection("a b"), RangeError);
});

test("presence: one object until it changes; after a gap the whole is asked for, once", async () => {
  const { fake, live } = await line({ answers: false });
  welcome(fake);
  const doc = live.join("article.42");
  joined(fake, { presence: presence([FRY], { v: 7 }) });
  const before = doc.presence;
  assert.deepEqual(
    before.others.map(({ name }) => name),
    ["Fry"],
  );
  const change = (v, users, left = []) => ({
    type: "presence",
    document: "article.42",
    ...presence(users),
    v,
    full: false,
    left,
  });
  let calls = 0;
  doc.subscribe(() => calls++);
  fake.receive(change(7, [{ id: "amy" }]));
  assert.equal(doc.presence, before);
  fake.receive(change(10, [{ id: "amy" }]));
  fake.receive(change(11, [{ id: "bender" }]));
  assert.equal(doc.presence, before);
  assert.equal(calls, 0);
  assert.deepEqual(
    fake.ofType("sync").map(({ document }) => document),
    ["article.42"],
  );
  const whole = presence([{ id: "amy" }, { id: "bender" }], { v: 12 });
  fake.receive({ type: "presence", document: "article.42", ...whole });
  fake.receive({ type: "ok", id: fake.last.id });
  fake.receive(change(13, [], ["amy"]));
  assert.deepEqual(
    doc.presence.users.map(({ id }) => id),
    ["bender"],
  );
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
  assert.deepEqual(
    doc.presence.users.map(({ id }) => id),
    ["fry"],
  );
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
