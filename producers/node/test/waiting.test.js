import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { PresentlyError, routingKey, Unavailable } from "../src/index.js";
import { refusal } from "../src/link.js";
import { AmqpLine, WAITING } from "../src/over-amqp.js";

test("a refusal is of the event that it names", () => {
  const said =
    `Channel closed by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - access to topic ` +
    `':08.page.1' in exchange 'hub.in' in vhost 'presently' refused for user 'articles'"`;
  assert.equal(routingKey("page.1"), ":08.page.1");
  assert.ok(refusal(new Error(said), "page.1") instanceof PresentlyError);
  assert.equal(refusal(new Error(said), "article.42"), undefined);
  assert.ok(refusal(new Error("403 (ACCESS-REFUSED) access to exchange 'hub.in'"), "article.42"));
});

/** The URL of a broker that never says a word. */
async function silentBroker(t) {
  const sockets = [];
  const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  return `amqp://127.0.0.1:${silent.address().port}`;
}

const message = (n) => ({ document: "article.1", id: String(n), body: Buffer.from("{}") });

test("closing waits for what is being published, and not for ever", async (t) => {
  const line = new AmqpLine(await silentBroker(t), 300);
  const order = [];
  const sent = line.send([message(1)]).catch(({ name }) => order.push(name));
  await line.close();
  order.push("closed");
  await sent;
  assert.deepEqual(order, ["Unavailable", "closed"]);
});

test("what waits for a broker that says nothing is bounded, and given up in time", async (t) => {
  const line = new AmqpLine(await silentBroker(t), 2000);
  let settled = 0;
  const sent = Array.from({ length: WAITING }, (_, n) =>
    line.send([message(n)]).finally(() => (settled += 1)),
  );
  await assert.rejects(() => line.send([message("more")]), { name: "Unavailable", id: "more", why: /waiting/ });
  assert.equal(settled, 0, "at once");
  for (const { reason } of await Promise.allSettled(sent)) assert.ok(reason instanceof Unavailable);
});
