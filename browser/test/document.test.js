import assert from "node:assert/strict";
import test from "node:test";

import { onEvent, onJoined } from "../src/document.js";
import { event } from "./support.js";

const at = { epoch: "k3", seq: 118 };

test("the first join missed nothing", () => {
  const joined = { type: "joined", document: "a.1", epoch: "k3", seq: 118, recovered: false };
  assert.deepEqual(onJoined(null, joined), { at, events: [], reload: false });
});

test("what was missed is delivered in order, without what was had", () => {
  const events = [118, 119, 120, 121].map((seq) => event("a.1", seq));
  const joined = {
    type: "joined",
    document: "a.1",
    epoch: "k3",
    seq: 121,
    recovered: true,
    events,
  };
  const next = onJoined(at, joined);
  assert.deepEqual(next.at, { epoch: "k3", seq: 121 });
  assert.deepEqual(
    next.events.map(({ seq }) => seq),
    [119, 120, 121],
  );
  assert.equal(next.reload, false);
});

test("not recovered: all or nothing, so reload", () => {
  const joined = {
    type: "joined",
    document: "a.1",
    epoch: "m1",
    seq: 3,
    recovered: false,
    events: [],
  };
  assert.deepEqual(onJoined(at, joined), { at: { epoch: "m1", seq: 3 }, events: [], reload: true });
});

test("the next number is delivered, one had is dropped, a later one shows a gap", () => {
  assert.deepEqual(onEvent(at, 119), { verdict: "deliver", at: { epoch: "k3", seq: 119 } });
  assert.deepEqual(onEvent(at, 118), { verdict: "drop", at });
  assert.deepEqual(onEvent(at, 1), { verdict: "drop", at });
  assert.deepEqual(onEvent(at, 120), { verdict: "gap", at });
});

test("an ephemeral event has no number and counts for nothing", () => {
  assert.deepEqual(onEvent(at, undefined), { verdict: "deliver", at });
});
