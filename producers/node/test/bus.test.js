import assert from "node:assert/strict";
import { test } from "node:test";

import { encode } from "@msgpack/msgpack";

import { Reader } from "../src/bus.js";

const message = (headers, frame) => ({
  content: Buffer.from(JSON.stringify(frame)),
  fields: { exchange: "hub.events" },
  properties: { headers: { d: "article.42", g: 1, e: "k1", ...headers } },
});
const event = (seq, more = {}) => message({ w: "event", s: seq, ...more }, { event: { id: String(seq) } });
const fry = { id: "fry", name: "Fry", mode: "reading" };
const presence = (full, users, left = []) =>
  message({ w: "presence", s: 0, v: 1 }, { document: "article.42", full, users, left, counts: {}, lease: null });

test("an event is told once, and not by a former owner", () => {
  const reader = new Reader();
  const told = [event(1), event(2), event(2), event(1, { e: "k2", g: 2 }), event(3), event(0, { e: "k2", g: 2 })]
    .flatMap((each) => reader.read(each))
    .map(({ epoch, seq }) => `${epoch}:${seq}`);
  assert.deepEqual(told, ["k1:1", "k1:2", "k2:1", "k2:0"]);
});

test("presence is who joined, changed and left", () => {
  const reader = new Reader();
  const read = (...given) => {
    const [{ joined, changed, left, users }] = reader.read(presence(...given));
    return [joined, changed, left, users].map((some) => some.map((user) => user.id ?? user).join());
  };
  assert.deepEqual(read(false, [fry]), ["fry", "", "", "fry"]);
  assert.deepEqual(read(false, [{ ...fry, mode: "editing" }]), ["", "fry", "", "fry"]);
  assert.deepEqual(read(true, [fry, { ...fry, id: "leela" }]), ["leela", "fry", "", "fry,leela"]);
  assert.deepEqual(read(true, [{ ...fry, id: "leela" }]), ["", "", "fry", "leela"]);
  assert.deepEqual(read(false, [], ["leela"]), ["", "", "leela", ""]);
});

test("what clients do is read, with the JSON inside; what is no message says nothing", () => {
  const reader = new Reader();
  const client = (content) => reader.read({ content, fields: { exchange: "hub.clients" }, properties: {} });
  const state = Buffer.from('{"field":"title"}');
  const acts = [{ kind: "join", connection: "c.1", state }, { kind: "ask", connection: "", ask: 1 }];
  assert.deepEqual(client(Buffer.from(encode({ kind: "acts", document: "article.42", at: 5, acts }))), [
    { what: "receive", document: "article.42", connection: "c.1", at: 5, act: { kind: "join", state: { field: "title" } } },
  ]);
  const connect = { kind: "connect", connection: "c.1", user: "fry" };
  assert.deepEqual(client(Buffer.from(encode(connect))), [{ what: "connect", connection: "c.1", user: "fry" }]);
  assert.deepEqual(client(Buffer.from([0xc1])), []);
  assert.deepEqual(reader.read({ ...event(1), content: Buffer.from("{") }), []);
  assert.deepEqual(reader.read({ ...event(1), properties: {} }), []);
});
