import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { checked, documentId, keyOf, listAround, listOf, slotOf } from "../src/ids.js";

const golden = JSON.parse(
  readFileSync(new URL("../../schemas/golden/documents.json", import.meta.url), "utf8"),
);

test("every document of the golden table has the id and slot of every other language", () => {
  assert.ok(golden.documents.length > 20);
  for (const { words, document, collection, slot } of golden.documents) {
    assert.equal(documentId(...words), document);
    assert.equal(slotOf(document), slot, document);
    assert.equal(listAround(document), `${collection}.~`);
  }
});

test("every refused list of words is refused", () => {
  assert.ok(golden.refused_words.length > 5);
  for (const words of golden.refused_words) {
    assert.throws(() => documentId(...words), RangeError, JSON.stringify(words));
  }
});

test("every refused id is refused as it stands", () => {
  assert.ok(golden.refused_ids.length > 5);
  for (const id of golden.refused_ids) assert.throws(() => checked(id), RangeError, id);
});

test("a whole id has at most 200 bytes, a word at most 80 characters once encoded", () => {
  const word = "x".repeat(80);
  assert.equal(documentId(word, word, "y".repeat(38)).length, 200);
  assert.throws(() => documentId(word, word, "y".repeat(39)), RangeError);
  assert.equal(documentId("a", "/".repeat(60)).length, 182);
  assert.throws(() => documentId("a", "/".repeat(81)), RangeError);
});

test("a key ~ is written %7E, so that it never names the list; elsewhere ~ stays", () => {
  assert.equal(documentId("article", "~"), "article.%7E");
  assert.equal(documentId("~", "42"), "~.42");
  assert.equal(documentId("article", "~42"), "article.~42");
  assert.equal(listOf("acme.article"), "acme.article.~");
});

test("numbers are words too", () => {
  assert.equal(documentId("article", 42), "article.42");
  assert.equal(documentId("article", 42n), "article.42");
});

test("lone surrogates make different documents", () => {
  assert.equal(documentId("a", "\ud800"), "a.%ED%A0%80");
  assert.notEqual(documentId("a", "\ud800"), documentId("a", "\ud801"));
});

test("the key is the last word", () => {
  assert.equal(keyOf("acme.article.a%2Fb"), "a%2Fb");
});
