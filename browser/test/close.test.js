import assert from "node:assert/strict";
import test from "node:test";

import { adviceFor, meaningOf } from "../src/close.js";

const LATER = { do: "later", floor: 0 };

test("the codes of RFC 6455 after which a page comes back", () => {
  for (const code of [1000, 1001, 1006, 1011, 1012, 1013]) {
    assert.deepEqual(adviceFor(code), LATER, String(code));
  }
});

test("the codes of RFC 6455 after which it stops", () => {
  for (const code of [1002, 1003, 1007, 1009]) assert.deepEqual(adviceFor(code), { do: "stop" });
});

test("the gateway's own codes", () => {
  assert.deepEqual(adviceFor(4000), LATER);
  assert.deepEqual(adviceFor(4001), LATER);
  assert.deepEqual(adviceFor(4002), LATER);
  assert.deepEqual(adviceFor(4008), LATER);
  assert.deepEqual(adviceFor(4009), { do: "later", floor: 30_000 });
  assert.deepEqual(adviceFor(4029), { do: "later", floor: 10_000 });
  assert.deepEqual(adviceFor(4100), { do: "now" });
  assert.deepEqual(adviceFor(4400), { do: "stop" });
  assert.deepEqual(adviceFor(4401), { do: "token" });
  assert.deepEqual(adviceFor(4403), { do: "stop" });
  assert.deepEqual(adviceFor(4406), { do: "stop" });
  assert.deepEqual(adviceFor(4413), { do: "stop" });
});

test("the hundred carries the advice for every code that is still to be invented", () => {
  for (let code = 4000; code < 5000; code++) {
    const { do: advice } = adviceFor(code);
    const hundred = Math.floor(code / 100);
    if (code === 4401) assert.equal(advice, "token");
    else if (hundred === 41) assert.equal(advice, "now");
    else if (hundred === 44) assert.equal(advice, "stop");
    else assert.equal(advice, "later", String(code));
  }
});

test("no status at all, or one nobody knows, comes back", () => {
  for (const code of [1005, 1008, 1014, 1015, 3000]) assert.deepEqual(adviceFor(code), LATER);
});

test("the reason for the end can be read", () => {
  assert.match(meaningOf(4401), /token/);
  assert.match(meaningOf(4499), /4499/);
});
