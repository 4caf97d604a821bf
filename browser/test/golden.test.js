/** The frames that every implementation is held to: `schemas/golden/frames.json`. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { heard, line, settle, warnings } from "./support.js";

const golden = JSON.parse(
  readFileSync(new URL("../../schemas/golden/frames.json", import.meta.url), "utf8"),
);

const RELEASED = new URL("../../schemas/released/", import.meta.url);

function ofType(type, more = () => true) {
  const found = golden.gateway.filter((frame) => frame.type === type && more(frame));
  assert.ok(found.length > 0, type);
  return found;
}

test("every golden frame of a gateway is taken, in any order, and the line lives", async () => {
  await taken(golden.gateway);
  await taken([...golden.gateway].reverse());
});

test("so is every frame of a gateway of a released version", async () => {
  const released = readdirSync(RELEASED);
  assert.ok(released.length > 0);
  for (const version of released) {
    const path = new URL(`${version}/frames.golden.json`, RELEASED);
    await taken(JSON.parse(readFileSync(path, "utf8")).gateway);
  }
});

async function taken(frames) {
  await warnings(async () => {
    const { fake, live } = await line({ answers: false });
    fake.receive(ofType("welcome")[0]);
    live.join("article.42");
    live.collection("article");
    for (const frame of frames) fake.receive(frame);
    await settle();
    assert.equal(live.state, "online");
    assert.equal(live.user.name, "Leela");
  });
}

test("golden welcome, joined, event, presence and summary mean what they say", async () => {
  const { fake, live } = await line({ answers: false });
  fake.receive(ofType("welcome")[0]);
  const doc = live.join("article.42");
  const told = heard(doc);
  const [document] = ofType("joined", ({ document }) => document === "article.42");
  fake.receive({ ...document, id: fake.last.id });
  assert.deepEqual(
    doc.presence.others.map(({ id, mode }) => [id, mode]),
    [["fry", "editing"]],
  );
  assert.deepEqual(doc.presence.counts, { reading: 1, editing: 1 });
  assert.deepEqual(doc.presence.lease, { user: "fry", fence: 1732279811123 });
  const list = live.collection("article");
  const [summary] = ofType("joined", ({ document }) => document === "article.~");
  fake.receive({ ...summary, id: fake.last.id });
  assert.equal(list.color("article.42"), "red");
  for (const frame of ofType("summary")) fake.receive(frame);
  assert.equal(list.documents.size, 0);
  for (const frame of ofType("presence")) fake.receive(frame);
  assert.equal(doc.presence.lease, null);
  for (const frame of ofType("event", ({ seq }) => seq === undefined)) fake.receive(frame);
  assert.deepEqual(told, ["cursor.moved"]);
});

test("what this client says has the fields of the golden frames and no others", async () => {
  const { fake, live } = await line({ token: "eyJ.x.y", version: "1.4.2" });
  const doc = live.join("article.42", { state: {} });
  live.collection("article", { keys: ["41"] });
  await settle();
  await doc.edit({ lease: true });
  await doc.send("cursor.moved", { x: 3 }, { ephemeral: true });
  doc.leave();
  await settle();
  assert.ok(fake.sent.length >= 6);
  for (const frame of fake.sent) {
    const known = new Set(
      golden.client.filter(({ type }) => type === frame.type).flatMap(Object.keys),
    );
    for (const field of Object.keys(frame)) assert.ok(known.has(field), `${frame.type}.${field}`);
  }
});
