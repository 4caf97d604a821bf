/** A backend that listens on the bus with a queue of its own. */

import { EventEmitter, on } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { Reader } from "./bus.js";
import { PresentlyError } from "./errors.js";
import { connect, refusal } from "./link.js";

/** Messages that we may hold at once. */
export const PREFETCH = 256;
const CONNECT_MS = 10_000;
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CONNECTIONS = ["connect.#", "receive.#", "disconnect.#", "gateway.lost"];

/**
 * @typedef {object} What
 * @property {readonly string[]} [documents] Topic patterns: `article.42.#`, `article.#`,
 *   `*.*.event.presently.change`.
 * @property {boolean} [connections] Also who connects, what browsers do, who disconnects.
 * @property {string} [queue] A durable queue of this name keeps what comes while you are away.
 *   Without it the queue is made for this connection and gone with it.
 * @property {AbortSignal} [signal] Ends it.
 */

/**
 * Hear what happens. Reconnects by itself; each beginning is told as `{ what: "listening" }`.
 * A message is acknowledged when the next one is asked for.
 *
 * @param {string} url `amqp(s)://…`
 * @param {What} what
 * @returns {AsyncGenerator<import("./bus.js").Heard, void, void>}
 * @throws {PresentlyError} The broker refuses us.
 */
export async function* listen(url, { documents = [], connections = false, queue = "", signal }) {
  const bindings = [
    ...documents.map((key) => ["hub.events", key]),
    ...(connections ? CONNECTIONS : []).map((key) => ["hub.clients", key]),
  ];
  for (let pause = PAUSE_MS; !signal?.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const inbox = new EventEmitter();
    /** @type {unknown} */
    let ended;
    let connection;
    try {
      connection = await connect(url, CONNECT_MS);
      const channel = await connection.createChannel();
      channel.on("error", (error) => (ended = error));
      channel.on("close", () => inbox.emit("end"));
      const messages = on(inbox, "message", { close: ["end"], signal });
      await consume(channel, queue, bindings, inbox);
      yield { what: "listening" };
      pause = PAUSE_MS;
      const reader = new Reader();
      for await (const [message] of messages) {
        yield* reader.read(message);
        channel.ack(message);
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof PresentlyError) throw error;
      ended ??= error;
    } finally {
      await connection?.close().catch(() => {}); // it was gone already
    }
    const why = refusal(ended);
    if (why) throw why;
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

/**
 * @param {import("amqplib").Channel} channel
 * @param {string} name
 * @param {string[][]} bindings
 * @param {EventEmitter} inbox
 */
async function consume(channel, name, bindings, inbox) {
  const { queue } = name
    ? await channel.assertQueue(name, { durable: true, arguments: { "x-queue-type": "quorum" } })
    : await channel.assertQueue("", { exclusive: true, arguments: { "x-queue-type": "classic" } });
  for (const [exchange = "", key = ""] of bindings) await channel.bindQueue(queue, exchange, key);
  await channel.prefetch(PREFETCH);
  await channel.consume(queue, (message) =>
    message ? inbox.emit("message", message) : inbox.emit("end"),
  );
}
