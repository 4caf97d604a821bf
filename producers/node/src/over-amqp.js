/**
 * RabbitMQ: the exchange `hub.in`, with confirms.
 *
 * One plain connection and channel, made again when they are gone. An event waits for them until
 * its time is up and is repeated under its own id, which is harmless. What waits is bounded: past
 * the bound `publish` fails at once.
 */

import { setTimeout as sleep } from "node:timers/promises";

import { routingKey } from "./documents.js";
import { PresentlyError, Unavailable, words } from "./errors.js";
import { CONTENT_TYPE } from "./events.js";
import { connect, refusal } from "./link.js";

/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("amqplib").ChannelModel} Connection */
/** @typedef {import("amqplib").ConfirmChannel} Channel */

export const EXCHANGE = "hub.in";
/** Events not confirmed yet, at most. */
export const WAITING = 1000;
const PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export class AmqpLine {
  #url;
  #timeoutMs;
  /** @type {Set<Promise<void>>} */
  #waiting = new Set();
  /** @type {Promise<Channel> | undefined} */
  #opening;
  /** @type {Connection | undefined} */
  #connection;
  /** @type {unknown} */
  #ended;

  /** @param {string} url @param {number} timeoutMs */
  constructor(url, timeoutMs) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Connect now, to learn of mistakes now.
   *
   * @throws {PresentlyError | Unavailable}
   */
  async open() {
    await this.#within("", (deadline) => this.#channel(deadline));
  }

  /**
   * Resolves once the broker has taken responsibility for all of them.
   *
   * @param {Message[]} messages
   */
  async send(messages) {
    const id = messages[0]?.id ?? "";
    if (this.#waiting.size + messages.length > WAITING)
      throw new Unavailable(`${this.#waiting.size} events are waiting for the broker already`, id);
    await this.#within(id, (deadline) =>
      Promise.all(messages.map((message) => this.#counted(message, deadline))),
    );
  }

  /** What is being delivered comes first: it would connect again, and leave that open. */
  async close() {
    await this.#within("", () => Promise.allSettled(this.#waiting)).catch(() => {}); // not for ever
    const connection = this.#connection;
    this.#connection = this.#opening = undefined;
    await connection?.close().catch(() => {}); // it was gone already
  }

  /**
   * An event whose time is up still counts while the client holds it, waiting for a confirm.
   *
   * @param {Message} message
   * @param {number} deadline
   */
  async #counted(message, deadline) {
    const delivery = this.#deliver(message, deadline);
    this.#waiting.add(delivery);
    try {
      await delivery;
    } finally {
      this.#waiting.delete(delivery);
    }
  }

  /** @param {Message} message @param {number} deadline */
  async #deliver(message, deadline) {
    for (let pause = PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.#publish(await this.#channel(deadline), message);
      } catch (error) {
        const why = refusal(this.#ended, message.document) ?? refusal(error, message.document);
        if (why) throw why;
        if (Date.now() + pause >= deadline) throw error;
      }
      await sleep(pause);
    }
  }

  /** @param {Channel} channel @param {Message} message @returns {Promise<void>} */
  #publish(channel, { document, id, body }) {
    return new Promise((resolve, reject) => {
      const options = {
        contentType: CONTENT_TYPE,
        persistent: true,
        // AMQP takes 255 bytes there, an id has 128 characters. The event has it anyway.
        ...(/^[\x20-\x7e]*$/.test(id) && { messageId: id }),
      };
      channel.publish(EXCHANGE, routingKey(document), body, options, (error) =>
        error ? reject(this.#ended ?? error) : resolve(),
      );
    });
  }

  /** @param {number} deadline @returns {Promise<Channel>} */
  #channel(deadline) {
    if (this.#opening === undefined) {
      const opening = this.#connect(deadline);
      opening.catch(() => this.#forget(opening));
      this.#opening = opening;
    }
    return this.#opening;
  }

  /** @param {number} deadline @returns {Promise<Channel>} */
  async #connect(deadline) {
    this.#ended = undefined;
    const connection = await connect(this.#url, Math.max(deadline - Date.now(), 1));
    const opening = this.#opening;
    connection.on("close", () => this.#forget(opening));
    this.#connection = connection;
    const channel = await connection.createConfirmChannel().catch((error) => {
      connection.close().catch(() => {});
      throw error;
    });
    channel.on("error", (error) => (this.#ended = error));
    channel.on("close", () => {
      this.#forget(opening);
      connection.close().catch(() => {});
    });
    return channel;
  }

  /** The next one who needs it connects anew. @param {Promise<Channel> | undefined} opening */
  #forget(opening) {
    if (this.#opening === opening) this.#opening = undefined;
  }

  /**
   * An outer deadline: the client's own does not cover a broker that has stopped reading.
   *
   * @template T
   * @param {string} id
   * @param {(deadline: number) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #within(id, work) {
    const done = new AbortController();
    const late = sleep(this.#timeoutMs, undefined, { signal: done.signal }).then(() => {
      throw new Error(`nothing within ${this.#timeoutMs} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([work(Date.now() + this.#timeoutMs), late]);
    } catch (error) {
      if (error instanceof PresentlyError) throw error;
      throw new Unavailable(`the broker is not available: ${words(error)}`, id);
    } finally {
      done.abort();
    }
  }
}
