/** Where tokens come from, when they are asked for, and what happens when there is none. */

import assert from "node:assert/strict";
import test from "node:test";

import { joined, line, settle, unconnected, welcome } from "./support.js";

/** A token callback that gives t1, t2, … and remembers what it was asked. */
function source() {
  const asked = [];
  const token = (ask) => {
    asked.push(ask);
    return `t${asked.length}`;
  };
  return { asked, token };
}

test("asked before the first connection; the token goes in the hello", async () => {
  const { asked, token } = source();
  const { fake } = await line({ token: async (ask) => token(ask), name: "shop", version: "1.4.2" });
  assert.deepEqual(asked, [{ why: "connect" }]);
  const client = { name: "shop", version: "1.4.2" };
  assert.deepEqual(fake.sent, [{ type: "hello", id: "0", token: "t1", client }]);
});

test("a token that is still good serves the next connection too", async () => {
  const { asked, token } = source();
  const { fake, clock } = await line({ token });
  fake.drop();
  await clock.advance(250);
  assert.deepEqual(
    fake.hellos.map((hello) => hello.token),
    ["t1", "t1"],
  );
  assert.equal(asked.length, 1);
});

test("one that has ended meanwhile does not", async () => {
  const { asked, token } = source();
  const { fake, clock } = await line({ token, answers: false });
  welcome(fake, { expires_in_ms: 60_000 });
  await clock.sleep(600_000);
  await clock.advance(500);
  assert.deepEqual(fake.hellos.map((hello) => hello.token).slice(0, 1), ["t1"]);
  assert.notEqual(fake.hellos.at(-1).token, "t1");
  assert.ok(asked.length >= 2);
});

test("renewed before it ends, on the open line, spread a little", async () => {
  const { asked, token } = source();
  const { fake, clock } = await line({ token, answers: false });
  welcome(fake, { expires_in_ms: 100_000, ping_ms: 1_000_000 });
  await clock.advance(79_999);
  assert.equal(asked.length, 1);
  await clock.advance(1);
  assert.deepEqual(asked.at(-1), { why: "expiring" });
  const { id } = fake.last;
  assert.deepEqual(fake.last, { type: "token", token: "t2", id });
  fake.receive({ type: "ok", id });
  await clock.advance(80_000);
  assert.equal(asked.length, 3, "as long as the one before");
  fake.receive({ type: "ok", id: fake.last.id, expires_in_ms: 10_000 });
  await clock.advance(8_000);
  assert.equal(asked.length, 4, "or as the gateway says");
  assert.equal(fake.opened, 1);
});

test("a renewal that fails is told and tried again", async () => {
  let fail = false;
  const token = () => {
    if (fail) throw new Error("no network");
    return "t";
  };
  const { fake, clock, errors } = await line({ token, answers: false });
  welcome(fake, { expires_in_ms: 100_000, ping_ms: 1_000_000 });
  fail = true;
  await clock.advance(80_000);
  assert.deepEqual(
    errors.map(({ code, temporary }) => [code, temporary]),
    [["token", true]],
  );
  fail = false;
  await clock.advance(1_250);
  assert.equal(fake.last.type, "token");
});

test("4401: one new token; taken, all is well", async () => {
  const { asked, token } = source();
  const { fake, clock, errors } = await line({ token });
  await clock.advance(5_000);
  fake.receive({
    type: "error",
    code: "expired",
    message: "the token has expired",
    temporary: false,
  });
  fake.drop(4401);
  await clock.advance(0);
  assert.deepEqual(asked, [{ why: "connect" }, { why: "connect" }]);
  assert.equal(fake.hellos.at(-1).token, "t2");
  assert.deepEqual(errors, []);
});

test("4401 twice: stop, and tell", async () => {
  const { asked, token } = source();
  const { fake, clock, live, errors } = await line({ token, answers: false });
  for (let refusal = 0; refusal < 2; refusal++) {
    fake.receive({ type: "error", id: "0", code: "unauthorized", message: "no", temporary: false });
    fake.drop(4401);
    await clock.advance(0);
  }
  assert.equal(live.state, "closed");
  assert.equal(asked.length, 2);
  assert.deepEqual(
    errors.map(({ code, closeCode }) => [code, closeCode]),
    [["closed", 4401]],
  );
});

test("4401 with a fixed token, or with none: stop at once", async () => {
  for (const token of ["fixed", undefined]) {
    const { fake, live } = await line({ token, answers: false });
    assert.equal(fake.hellos[0].token, token);
    fake.drop(4401);
    assert.equal(live.state, "closed");
  }
});

test("no token to be had: told, and tried again with back-off", async () => {
  const answers = [undefined, "", 7, new Error("no network")];
  const token = async () => {
    const answer = answers.length > 0 ? answers.shift() : "t";
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const { fake, clock, errors } = unconnected({ token });
  await clock.advance(0);
  assert.equal(fake.opened, 0);
  await clock.advance(250 + 500 + 1000 + 2000);
  assert.equal(fake.hellos[0].token, "t");
  assert.deepEqual(
    errors.map(({ code, temporary }) => [code, temporary]),
    Array(4).fill(["token", true]),
  );
});

test("a callback that never answers is asked again after ten seconds", async () => {
  let asked = 0;
  const token = () => (++asked === 1 ? new Promise(() => {}) : "t");
  const { fake, clock, errors } = unconnected({ token });
  await clock.advance(10_250);
  assert.equal(asked, 2);
  assert.equal(fake.online, true);
  assert.match(errors[0].message, /10000 ms/);
});

test("forbidden: asked with the document, presented, the join tried once more", async () => {
  const asked = [];
  const token = (ask) => {
    asked.push(ask);
    if (ask.document) fake.forbidden.delete(ask.document);
    return `t${asked.length}`;
  };
  const { fake, live, errors } = await line({ token });
  fake.forbidden.add("article.42");
  const doc = live.join("article.42");
  await doc.ready;
  assert.deepEqual(asked.at(-1), { why: "forbidden", document: "article.42" });
  assert.deepEqual(
    fake.sent.slice(1).map(({ type }) => type),
    ["join", "token", "join"],
  );
  assert.equal(doc.status, "live");
  assert.deepEqual(errors, []);
});

test("forbidden again: refused, and not asked a third time", async () => {
  const { asked, token } = source();
  const { fake, live, errors } = await line({ token });
  fake.forbidden.add("article.42");
  const doc = live.join("article.42");
  await assert.rejects(doc.ready, { code: "forbidden" });
  assert.equal(asked.length, 2);
  assert.equal(fake.ofType("join").length, 2);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["forbidden"],
  );
});

test("forbidden, and the application has the same token still: refused at once", async () => {
  const { fake, live } = await line({ token: () => "t" });
  fake.forbidden.add("article.42");
  await assert.rejects(live.join("article.42").ready, { code: "forbidden" });
  assert.deepEqual(fake.ofType("token"), []);
});

test("two documents refused together are asked for one after the other", async () => {
  const log = [];
  const token = async ({ document }) => {
    if (!document) return "t";
    log.push(`ask ${document}`);
    await settle();
    fake.forbidden.delete(document);
    log.push(`give ${document}`);
    return `t ${document}`;
  };
  const { fake, live } = await line({ token });
  fake.forbidden.add("a.1").add("a.2");
  await Promise.all([live.join("a.1").ready, live.join("a.2").ready]);
  assert.deepEqual(log, ["ask a.1", "give a.1", "ask a.2", "give a.2"]);
});

test("tokens that allow one document and take the other away do not go on for ever", async () => {
  const { asked, token } = source();
  const { fake, live } = await line({ token, answers: false });
  welcome(fake);
  const docs = ["a.1", "a.2"].map((document) => {
    const doc = live.join(document);
    joined(fake);
    return doc;
  });
  for (let round = 0; round < 5; round++) {
    for (const document of ["a.1", "a.2"]) {
      fake.receive({ type: "error", document, code: "forbidden", message: "no", temporary: false });
      await settle();
      if (fake.last.type !== "token") continue;
      fake.receive({ type: "ok", id: fake.last.id });
      await settle();
      joined(fake);
    }
  }
  assert.equal(asked.length, 3);
  assert.deepEqual(
    docs.map(({ status }) => status),
    ["refused", "refused"],
  );
});

test("space around a token is not part of it", async () => {
  for (const token of ["t1\n", () => " t1 \r\n", async () => "\tt1"]) {
    const { fake } = await line({ token });
    assert.equal(fake.hellos[0].token, "t1");
  }
  const { fake, errors } = unconnected({ token: () => " \n" });
  await settle();
  assert.deepEqual([fake.opened, errors[0].code], [0, "token"]);
});

test("the error of a refused token says why, in the gateway's words", async () => {
  for (const [reason, message] of [
    ["the token is not valid yet", "the gateway refused the token: the token is not valid yet"],
    ["", "the gateway refused the token"],
  ]) {
    const { fake, errors } = await line({ token: "fixed", answers: false });
    fake.drop(4401, reason);
    assert.equal(errors[0].message, message);
  }
});
