/** Ids, slots and events: the tables that every language and the hub are held to. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { checkDocument } from "../src/documents.js";
import { check, write } from "../src/events.js";
import { documentId, InvalidEvent, slot } from "../src/index.js";

const golden = (name) =>
  JSON.parse(readFileSync(new URL(`../../../schemas/golden/${name}.json`, import.meta.url)));
const documents = golden("documents");
const events = golden("events");

function eventOf({ event, pad }) {
  if (pad) event.data.pad = "x".repeat(pad);
  return event;
}

test("words become the ids and slots of the golden table", () => {
  assert.ok(documents.documents.length > 20);
  for (const { words, document, slot: place } of documents.documents) {
    assert.equal(documentId(...words), document);
    assert.equal(slot(document), place);
  }
});

test("what is no id is refused", () => {
  for (const words of documents.refused_words)
    assert.throws(() => documentId(...words), { name: "InvalidEvent", at: "subject" });
  for (const id of documents.refused_ids) assert.throws(() => checkDocument(id), InvalidEvent);
  assert.throws(() => documentId("page", "\ud83d"), InvalidEvent);
});

for (const row of events.events)
  test(`taken: ${row.name}`, () => {
    const event = eventOf(row);
    assert.deepEqual(JSON.parse(check(event)), event);
  });

for (const row of events.refused)
  test(`refused: ${row.name}`, () => {
    assert.throws(() => check(eventOf(row)), { name: "InvalidEvent", at: row.at });
  });

test("each document gets its own event under one id", () => {
  const messages = write("/shop", ["a.1", "b.2", "a.1"], "x.y", {}, {});
  assert.deepEqual(
    messages.map(({ document }) => document),
    ["a.1", "b.2"],
  );
  assert.equal(new Set(messages.map(({ id }) => id)).size, 1);
});

test("what JSON cannot say is refused, and not sent as null", () => {
  const circle = {};
  circle.self = circle;
  for (const data of [{ n: NaN }, { n: 1n }, circle])
    assert.throws(() => write("/shop", "a.1", "x.y", data, {}), { name: "InvalidEvent" });
  assert.throws(() => write("/shop", "a.1", "x.y", {}, { time: new Date("no") }), { at: "time" });
  assert.throws(() => write("/shop", [], "x.y", {}, {}), { at: "subject" });
});
