import assert from "node:assert/strict";
import test from "node:test";

import { NOTHING, put } from "../src/collection.js";

const USER = { id: "fry", name: "Fry", info: {}, mode: "reading", state: {} };

function member(document, reading, editing = 0, users = [USER]) {
  return { document, users, counts: { reading, editing } };
}

function summary(v, full, ...documents) {
  return { v, full, complete: true, documents };
}

const BEFORE = put(NOTHING, summary(3, true, member("a.1", 1), member("a.2", 0, 1)), null).known;

test("a full summary lists the documents where somebody is", () => {
  assert.deepEqual([...BEFORE.documents.keys()], ["a.1", "a.2"]);
  assert.equal(BEFORE.documents.get("a.2").color, "red");
  assert.equal(BEFORE.complete, true);
});

test("a change touches only its documents; the others keep their very objects", () => {
  const { known, changed } = put(BEFORE, summary(4, false, member("a.1", 0, 1)), null);
  assert.deepEqual(changed, ["a.1"]);
  assert.equal(known.documents.get("a.1").color, "red");
  assert.equal(known.documents.get("a.2"), BEFORE.documents.get("a.2"));
  assert.notEqual(known.documents, BEFORE.documents);
});

test("a document with all counts 0 is free and leaves the map", () => {
  const { known, changed } = put(BEFORE, summary(4, false, member("a.2", 0, 0, [])), null);
  assert.deepEqual([...known.documents.keys()], ["a.1"]);
  assert.deepEqual(changed, ["a.2"]);
});

test("a full one drops what it does not list, and says so", () => {
  const { known, changed } = put(BEFORE, summary(9, true, member("a.1", 1)), null);
  assert.deepEqual([...known.documents.keys()], ["a.1"]);
  assert.deepEqual(changed, ["a.2"]);
});

test("the whole told again keeps the very map", () => {
  const again = put(BEFORE, summary(9, true, member("a.1", 1), member("a.2", 0, 1)), null);
  assert.equal(again.known.documents, BEFORE.documents);
  assert.deepEqual(again.changed, []);
});

test("a repeat is dropped, a gap is seen", () => {
  assert.deepEqual(put(BEFORE, summary(3, false, member("a.9", 1)), null).changed, []);
  assert.equal(put(BEFORE, summary(5, false, member("a.9", 1)), null).gap, true);
  assert.equal(put(NOTHING, summary(1, false), null).gap, true);
});

test("a member lists at most five users: complete only if they are all", () => {
  const { known } = put(NOTHING, summary(1, true, member("a.1", 1), member("a.2", 7)), "fry");
  assert.equal(known.documents.get("a.1").complete, true);
  assert.equal(known.documents.get("a.2").complete, false);
  assert.deepEqual(known.documents.get("a.1").others, []);
});

test("a document where only I am is listed, and green", () => {
  const { known } = put(NOTHING, summary(1, true, member("a.1", 1), member("a.2", 2)), "fry");
  assert.equal(known.documents.get("a.1").color, "green");
  assert.equal(known.documents.get("a.2").color, "yellow");
});
