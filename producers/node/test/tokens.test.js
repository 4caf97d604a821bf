import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { mintToken } from "../src/index.js";

const KEY = "a key of the tests that is longer than thirty-two bytes";
const rights = { "article.*": "edit" };

test("a token says who, what and until when, and is signed", () => {
  const [header, claims, signature] = mintToken(KEY, { user: "fry", rights, ttl: 60, info: { a: "ü" } }).split(".");
  const { iat, exp, ...rest } = JSON.parse(Buffer.from(claims, "base64url"));
  assert.deepEqual(rest, { sub: "fry", name: "fry", docs: rights, aud: "presently", info: { a: "ü" } });
  assert.equal(exp - iat, 60);
  assert.deepEqual(JSON.parse(Buffer.from(header, "base64url")), { alg: "HS256", typ: "JWT" });
  assert.equal(signature, createHmac("sha256", KEY).update(`${header}.${claims}`).digest("base64url"));
});

test("what no gateway would take is refused here", () => {
  const bad = [
    ["short", { user: "fry", rights }],
    [KEY, { user: "", rights }],
    [KEY, { user: "x".repeat(129), rights }],
    [KEY, { user: "fry", rights: { "a.*": "admin" } }],
    [KEY, { user: "fry", rights, info: { a: "x".repeat(1024) } }],
  ];
  for (const [key, claims] of bad) assert.throws(() => mintToken(key, claims), RangeError);
});

test("of a long name whole letters are kept, as many as a gateway takes", () => {
  const named = (name) => {
    const [, claims] = mintToken(KEY, { user: "fry", rights, name }).split(".");
    return JSON.parse(Buffer.from(claims, "base64url")).name;
  };
  assert.equal(named("x".repeat(300)), "x".repeat(200));
  assert.equal(named("x" + "ü".repeat(150)), "x" + "ü".repeat(99));
  assert.equal(named("€".repeat(66)), "€".repeat(66));
});
