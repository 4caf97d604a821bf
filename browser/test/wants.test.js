import assert from "node:assert/strict";
import test from "node:test";

import { KEYS_MOST, changes, wantsOf } from "../src/wants.js";

const reading = { mode: "reading" };
const editing = { mode: "editing" };
const watching = { mode: "watching" };

function list(...keys) {
  return { mode: "watching", keys: new Set(keys) };
}

const WHOLE_LIST = { mode: "watching", keys: null };

test("the seat's mode is the strongest of its handles", () => {
  assert.equal(wantsOf([], {}).mode, "watching");
  assert.equal(wantsOf([watching, reading], {}).mode, "reading");
  assert.equal(wantsOf([reading, editing, watching], {}).mode, "editing");
});

test("the keys are those that any handle wants, all if one wants all", () => {
  assert.deepEqual(wantsOf([list("2", "1"), list("3", "1")], {}).keys, ["1", "2", "3"]);
  assert.equal(wantsOf([list("1"), WHOLE_LIST], {}).keys, undefined);
  assert.equal(wantsOf([WHOLE_LIST, list("1")], {}).keys, undefined);
  assert.equal(wantsOf([reading], {}).keys, undefined);
  assert.deepEqual(wantsOf([reading, list("1")], {}).keys, ["1"]);
});

test("more keys than one join takes: the whole list", () => {
  const keys = Array.from({ length: KEYS_MOST + 1 }, (_, key) => String(key));
  assert.equal(wantsOf([list(...keys)], {}).keys, undefined);
  assert.equal(wantsOf([list(...keys.slice(1))], {}).keys.length, KEYS_MOST);
});

test("only what changed needs telling", () => {
  const told = wantsOf([reading], { field: "a" });
  assert.equal(changes(told, wantsOf([reading, watching], { field: "a" })), null);
  assert.deepEqual(changes(told, wantsOf([editing], { field: "a" })), { mode: "editing" });
  assert.deepEqual(changes(told, wantsOf([reading], {})), { state: {} });
  assert.deepEqual(changes(wantsOf([list("1")], {}), wantsOf([WHOLE_LIST], {})), {
    keys: undefined,
  });
});
