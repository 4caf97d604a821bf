import assert from "node:assert/strict";
import test from "node:test";

import { BASE_MS, CAP_MS, delayFor, within } from "../src/backoff.js";

test("the wait is anywhere between nothing and twice as much at each try, up to the cap", () => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** attempt);
    assert.equal(delayFor(attempt, 0), 0);
    assert.equal(delayFor(attempt, 0.5), ceiling / 2);
    assert.ok(delayFor(attempt, 1 - Number.EPSILON) < ceiling + 1e-6);
  }
});

test("the first try comes within half a second, the last ones within twenty", () => {
  assert.equal(delayFor(0, 1), 500);
  assert.equal(delayFor(50, 1), 20_000);
  assert.equal(delayFor(1e6, 1), 20_000);
});

test("a floor is waited out before the jitter", () => {
  assert.equal(delayFor(0, 0, 30_000), 30_000);
  assert.equal(delayFor(0, 0.5, 30_000), 30_250);
});

test("a moment within the gateway's window", () => {
  assert.equal(within([0, 8000], 0), 0);
  assert.equal(within([2000, 8000], 0.5), 5000);
  assert.equal(within(undefined, 0.9), 0);
});
