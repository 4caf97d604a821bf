/** The front door. */

import { checkDocument } from "./documents.js";
import { InvalidEvent, PresentlyError } from "./errors.js";
import { write } from "./events.js";
import { MemoryLine } from "./in-memory.js";
import { AmqpLine } from "./over-amqp.js";
import { HttpLine } from "./over-http.js";

/**
 * @typedef {object} Options
 * @property {string} source Who publishes, a URI reference such as `/shop`. Event ids are unique
 *   within it.
 * @property {number} [timeoutMs] How long a call may take; 5,000 if not given.
 * @property {string} [apiKey] For the API; else the one in the URL, else `PRESENTLY_API_KEY`.
 */

/**
 * Open a publisher. Make one per process and keep it: it reconnects by itself.
 *
 * @param {string | undefined} url `http(s)://` Presently's API, `amqp(s)://` its broker, `memory://`
 *   for tests; `PRESENTLY_URL` if undefined.
 * @param {Options} options
 * @returns {Promise<Publisher>}
 * @throws {PresentlyError} No URL, a wrong one, or the broker refuses us.
 */
export async function open(url, { source, timeoutMs = 5000, apiKey = "" }) {
  const length = [...(source ?? "")].length;
  if (length < 1 || length > 256) throw new InvalidEvent("source", "expected 1 to 256 characters");
  const line = lineTo(url ?? process.env.PRESENTLY_URL ?? "", apiKey, timeoutMs);
  if (line instanceof AmqpLine) await line.open();
  return new Publisher(line, source);
}

/** Publishes events. Made by `open`. */
export class Publisher {
  #line;
  #source;

  /** @param {AmqpLine | HttpLine | MemoryLine} line @param {string} source */
  constructor(line, source) {
    this.#line = line;
    this.#source = source;
  }

  /**
   * Tell everybody at `document` (or at each of several).
   *
   * @param {string | readonly string[]} document
   * @param {string} type Your own, such as `comment.added`.
   * @param {Record<string, any>} [data] At most 64 KiB as JSON.
   * @param {import("./events.js").More} [more]
   * @returns {Promise<string>} The event's id, once the broker has the event on disk.
   * @throws {InvalidEvent} It was not sent; says what is wrong where.
   * @throws {import("./errors.js").Unavailable} Whether it arrived is unknown: repeat it with `id`.
   * @throws {PresentlyError} We are refused; says why.
   */
  async publish(document, type, data = {}, more = {}) {
    const messages = write(this.#source, document, type, data, more);
    await this.#line.send(messages);
    return /** @type {import("./events.js").Message} */ (messages[0]).id;
  }

  /**
   * Who is at `document`. Over HTTP only: a broker knows events, not people.
   *
   * @param {string} document
   * @returns {Promise<import("./presence.js").Presence>}
   */
  async presence(document) {
    checkDocument(document);
    if (this.#line instanceof AmqpLine)
      throw new PresentlyError("a broker knows events, not people: ask the HTTP API");
    return this.#line.presence(document);
  }

  /** Wait for what is being published, then close the connection. Publishing again opens a new one. */
  async close() {
    await this.#line.close();
  }
}

/** @param {string} given @param {string} apiKey @param {number} timeoutMs */
function lineTo(given, apiKey, timeoutMs) {
  if (!given) throw new PresentlyError("no URL: give one, or set PRESENTLY_URL");
  const url = URL.canParse(given) ? new URL(given) : undefined;
  switch (url?.protocol) {
    case "amqp:":
    case "amqps:":
      return new AmqpLine(given, timeoutMs);
    case "http:":
    case "https:":
      if (!apiKey && !url.username) apiKey = process.env.PRESENTLY_API_KEY ?? "";
      return new HttpLine(url, apiKey, timeoutMs);
    case "memory:":
      return new MemoryLine();
    default:
      throw new PresentlyError("a URL begins with amqp(s)://, http(s):// or memory://");
  }
}
