import assert from "node:assert/strict";
import test from "node:test";

import { NEW, STABLE_MS, stateOf, step } from "../src/life.js";

/** Lead a life through what happens; the effects of the last step. */
function lead(...happenings) {
  return happenings.reduce((at, happening) => step(at.life, normal(happening)), { life: NEW });
}

function normal(happening) {
  return typeof happening === "string" ? { type: happening } : happening;
}

function lost(code, more = {}) {
  return { type: "lost", code, upMs: STABLE_MS, random: 0.5, renewable: true, ...more };
}

const UP = ["start", "token", "opened", "welcome"];

test("a line asks for a token, opens, greets, and is online", () => {
  assert.deepEqual(lead("start").effects, [{ do: "ask", fresh: false }]);
  assert.deepEqual(lead("start", "token").effects, [{ do: "open" }]);
  assert.deepEqual(lead("start", "token", "opened").effects, [{ do: "greet" }]);
  assert.equal(stateOf(lead(...UP).life), "online");
});

for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4002, 4008]) {
  test(`${code}: back with full jitter`, () => {
    assert.deepEqual(lead(...UP, lost(code)).effects, [{ do: "wait", ms: 250 }]);
    assert.deepEqual(lead(...UP, lost(code, { random: 0 })).effects, [{ do: "wait", ms: 0 }]);
    assert.deepEqual(lead(...UP, lost(code), "timer").effects, [{ do: "ask", fresh: false }]);
  });
}

for (const [code, floor] of [
  [4009, 30_000],
  [4029, 10_000],
]) {
  test(`${code}: back after ${floor} ms, and nothing cuts that short`, () => {
    assert.deepEqual(lead(...UP, lost(code)).effects, [{ do: "wait", ms: floor + 250 }]);
    assert.deepEqual(lead(...UP, lost(code), "wake").effects, []);
  });
}

for (const code of [1002, 1003, 1007, 1009, 4400, 4403, 4406, 4413, 4499]) {
  test(`${code}: the end, told with its code`, () => {
    const end = lead(...UP, lost(code));
    assert.deepEqual(end.effects, [{ do: "end", code }]);
    assert.equal(stateOf(end.life), "closed");
    for (const later of ["timer", "wake", "unpark", "start"]) {
      assert.deepEqual(step(end.life, { type: later }).effects, []);
    }
  });
}

test("4100: back at once, but only once until the line was stable", () => {
  const first = [...UP, lost(4100)];
  assert.deepEqual(lead(...first).effects, [{ do: "ask", fresh: false }]);
  const soon = [...first, "token", "opened", "welcome", lost(4100, { upMs: 100 })];
  assert.deepEqual(lead(...soon).effects, [{ do: "wait", ms: 500 }]);
  const stable = [...first, "token", "opened", "welcome", lost(4100)];
  assert.deepEqual(lead(...stable).effects, [{ do: "ask", fresh: false }]);
});

test("4401: one new token, then the end", () => {
  const asked = lead(...UP, lost(4401));
  assert.deepEqual(asked.effects, [{ do: "ask", fresh: true }]);
  const again = lead(...UP, lost(4401), "token", "opened", lost(4401, { upMs: 0 }));
  assert.deepEqual(again.effects, [{ do: "end", code: 4401 }]);
});

test("4401 in the first moments after a welcome with the new token is the end too", () => {
  const again = [...UP, lost(4401), "token", "opened", "welcome", lost(4401, { upMs: 100 })];
  assert.deepEqual(lead(...again).effects, [{ do: "end", code: 4401 }]);
});

test("4401 an hour later is a new refusal", () => {
  const later = [...UP, lost(4401), "token", "opened", "welcome", lost(4401)];
  assert.deepEqual(lead(...later).effects, [{ do: "ask", fresh: true }]);
});

test("4401 without another token to be had is the end", () => {
  const refused = lead(...UP, lost(4401, { renewable: false }));
  assert.deepEqual(refused.effects, [{ do: "end", code: 4401 }]);
});

test("the waits grow until the line was stable", () => {
  const waits = [];
  let { life } = lead(...UP);
  for (let round = 0; round < 8; round++) {
    const after = step(life, lost(1006, { random: 1, upMs: 0 }));
    waits.push(after.effects[0].ms);
    life = ["timer", "token"].reduce((life, type) => step(life, { type }).life, after.life);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
});

test("no token to be had is waited out like a lost line", () => {
  const failed = lead("start", { type: "no-token", random: 0.5 });
  assert.deepEqual(failed.effects, [{ do: "wait", ms: 250 }]);
});

test("waking cuts a wait short", () => {
  assert.deepEqual(lead(...UP, lost(1006), "wake").effects, [{ do: "ask", fresh: false }]);
});

test("a drained line goes, drop first", () => {
  assert.deepEqual(lead(...UP, "moving").effects, [{ do: "drop" }, { do: "ask", fresh: false }]);
});

test("a parked line drops its socket and hears nothing until it is back", () => {
  const parked = lead(...UP, "park");
  assert.deepEqual(parked.effects, [{ do: "drop" }]);
  for (const late of ["token", "opened", "welcome", "timer", "wake", lost(1006)]) {
    assert.deepEqual(step(parked.life, normal(late)), { life: parked.life, effects: [] });
  }
  assert.deepEqual(lead(...UP, "park", "unpark").effects, [{ do: "ask", fresh: false }]);
});

test("closing is for good from every phase", () => {
  const lives = [[], ["start"], ["start", "token"], UP, [...UP, lost(1006)], [...UP, "park"]];
  for (const life of lives) {
    const closed = lead(...life, "close");
    assert.deepEqual(closed.effects, [{ do: "drop" }]);
    assert.equal(stateOf(closed.life), "closed");
    assert.deepEqual(step(closed.life, { type: "close" }).effects, []);
  }
});

test("late news changes nothing", () => {
  const { life } = lead(...UP);
  for (const type of ["start", "token", "opened", "timer", "unpark"]) {
    assert.deepEqual(step(life, { type }), { life, effects: [] });
  }
});

test("what the application is told of each phase", () => {
  assert.equal(stateOf(lead("start").life), "connecting");
  assert.equal(stateOf(lead("start", "token", "opened").life), "connecting");
  assert.equal(stateOf(lead(...UP, lost(1006)).life), "offline");
  assert.equal(stateOf(lead(...UP, "park").life), "offline");
});
