import assert from "node:assert/strict";
import test from "node:test";

import { UNKNOWN, color, put, view } from "../src/presence.js";
import { presence } from "./support.js";

const FULL = presence([{ id: "leela" }, { id: "fry", mode: "editing" }], { v: 7 });

function known(...said) {
  return said.reduce((known, one) => put(known, one).known, UNKNOWN);
}

test("a full presence replaces what was known, whatever its number", () => {
  const after = known(FULL, presence([{ id: "amy" }], { v: 3 }));
  assert.deepEqual([...after.users.keys()], ["amy"]);
  assert.equal(after.v, 3);
});

test("a change puts users and removes those who left; names stay in their place", () => {
  const change = presence([{ id: "leela", mode: "editing" }, { id: "amy" }], { v: 8, full: false });
  const after = known(FULL, { ...change, left: ["fry"], counts: { reading: 1, editing: 1 } });
  assert.deepEqual([...after.users.keys()], ["leela", "amy"]);
  assert.equal(after.users.get("leela").mode, "editing");
  assert.deepEqual(after.counts, { reading: 1, editing: 1 });
});

test("a change told twice changes nothing", () => {
  const before = known(FULL);
  const change = { ...presence([{ id: "amy" }]), full: false, v: 7 };
  assert.deepEqual(put(before, change), { known: before, changed: false, gap: false });
});

test("a missing change is a gap and leaves what is known alone", () => {
  const before = known(FULL);
  const change = { ...presence([{ id: "amy" }]), full: false, v: 9 };
  assert.deepEqual(put(before, change), { known: before, changed: false, gap: true });
});

test("a change before the whole is a gap", () => {
  assert.equal(put(UNKNOWN, { ...FULL, full: false }).gap, true);
});

test("the whole told again is no change", () => {
  const again = put(known(FULL), { ...FULL, v: 9 });
  assert.equal(again.changed, false);
  assert.equal(again.known.v, 9);
});

test("any order of repeats ends where the changes in order end", () => {
  const one = { ...presence([{ id: "amy" }]), full: false, v: 8 };
  const two = { ...presence([]), full: false, v: 9, left: ["fry"] };
  const straight = known(FULL, one, two);
  for (const said of [
    [FULL, one, one, two],
    [FULL, one, two, one],
    [FULL, one, two, two, one],
  ]) {
    assert.deepEqual(known(...said), straight);
  }
});

test("others are all but me", () => {
  const { users, others } = view(known(FULL), "leela");
  assert.deepEqual(
    users.map(({ id }) => id),
    ["leela", "fry"],
  );
  assert.deepEqual(
    others.map(({ id }) => id),
    ["fry"],
  );
});

test("what an application sees cannot be changed by it", () => {
  const seen = view(known(FULL), "leela");
  assert.throws(() => seen.users.push({}), TypeError);
  assert.throws(() => (seen.counts.reading = 9), TypeError);
});

test("green: nobody, yellow: somebody reads, red: somebody edits", () => {
  assert.equal(color({ reading: 0, editing: 0 }), "green");
  assert.equal(color({ reading: 2, editing: 0 }), "yellow");
  assert.equal(color({ reading: 2, editing: 1 }), "red");
});

test("above two hundred users the list is not complete, the counts are", () => {
  const many = { ...FULL, complete: false, counts: { reading: 999, editing: 1 } };
  const seen = view(known(many), null);
  assert.equal(seen.complete, false);
  assert.deepEqual(seen.counts, { reading: 999, editing: 1 });
});

test("fields that a terser gateway leaves out are there", () => {
  const bare = { v: 1, full: true, users: [{ id: "fry" }], counts: { reading: 1 } };
  const { users, counts, lease } = view(known(bare), null);
  assert.deepEqual(users, [{ id: "fry", name: "fry", info: {}, mode: "reading", state: {} }]);
  assert.deepEqual(counts, { reading: 1, editing: 0 });
  assert.equal(lease, null);
});

test("the colour is of the others: alone, one sees green, whatever one does", () => {
  const seen = (me, ...users) => view(known(presence(users)), me).color;
  const [leela, fry] = [{ id: "leela" }, { id: "fry" }];
  assert.equal(seen("leela", leela), "green");
  assert.equal(seen("leela", { ...leela, mode: "editing" }), "green");
  assert.equal(seen("leela", leela, fry), "yellow");
  assert.equal(seen("leela", { ...leela, mode: "editing" }, fry), "yellow");
  assert.equal(seen("leela", leela, { ...fry, mode: "editing" }), "red");
  assert.equal(seen("amy", leela), "yellow", "of somebody who only watches");
  assert.equal(seen(null, leela), "yellow", "of nobody in particular");
});

test("the colour is right where I am one of too many to be listed", () => {
  const many = { ...FULL, complete: false, counts: { reading: 999, editing: 1 } };
  assert.equal(view(known(many), "amy").color, "red");
  const readers = { ...presence([{ id: "fry" }]), complete: false, counts: { reading: 999 } };
  assert.equal(view(known(readers), "amy").color, "yellow");
});
