import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { Unavailable } from "../src/index.js";
import { AmqpLine, WAITING } from "../src/over-amqp.js";

test("what waits for a broker that says nothing is bounded, and given up in time", async (t) => {
  const sockets = [];
  const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const line = new AmqpLine(`amqp://127.0.0.1:${silent.address().port}`, 300);
  const message = (n) => ({ document: "article.1", id: String(n), body: Buffer.from("{}") });
  const began = Date.now();
  const sent = Array.from({ length: WAITING }, (_, n) => line.send([message(n)]));
  await assert.rejects(() => line.send([message("more")]), { name: "Unavailable", id: "more", why: /waiting/ });
  assert.ok(Date.now() - began < 300, "at once");
  for (const { reason } of await Promise.allSettled(sent)) assert.ok(reason instanceof Unavailable);
});
