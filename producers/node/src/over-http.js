/** Presently's HTTP API, with `fetch` alone. */

import { BATCH_TYPE, CONTENT_TYPE } from "./events.js";
import { InvalidEvent, PresentlyError, Unavailable, words } from "./errors.js";
import { readPresence } from "./presence.js";

/** @typedef {import("./events.js").Message} Message */

export class HttpLine {
  #base;
  #headers;
  #timeoutMs;

  /**
   * @param {URL} url The API key may stand in it: `http://key@host:port`.
   * @param {string} apiKey
   * @param {number} timeoutMs
   */
  constructor(url, apiKey, timeoutMs) {
    const key = apiKey || decodeURIComponent(url.password || url.username);
    this.#base = url.origin + url.pathname.replace(/\/+$/, "");
    this.#headers = { accept: "application/json", ...(key && { authorization: `Bearer ${key}` }) };
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves once the hub's queue has taken all of them.
   *
   * @param {Message[]} messages
   */
  async send(messages) {
    const bodies = messages.map(({ body }) => body.toString());
    const one = bodies.length === 1;
    const { status, answer } = await this.#ask(
      "/v1/events",
      {
        method: "POST",
        headers: { ...this.#headers, "content-type": one ? CONTENT_TYPE : BATCH_TYPE },
        body: one ? bodies[0] : `[${bodies.join()}]`,
      },
      messages[0]?.id,
    );
    if (status === 400) throw new InvalidEvent(answer.at ?? "", answer.message ?? "refused");
  }

  /**
   * @param {string} document
   * @returns {Promise<import("./presence.js").Presence>}
   */
  async presence(document) {
    const path = `/v1/documents/${encodeURIComponent(document)}`;
    const { status, answer } = await this.#ask(path, { headers: this.#headers });
    try {
      return readPresence(answer);
    } catch {
      throw new PresentlyError(`the API answered ${status} with no presence`);
    }
  }

  async close() {}

  /**
   * @param {string} path
   * @param {RequestInit} request
   * @param {string} [id]
   * @returns {Promise<{ status: number, answer: any }>}
   */
  async #ask(path, request, id = "") {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const once = () => fetch(this.#base + path, { ...request, signal, redirect: "error" });
    let response, text;
    try {
      // A kept connection may have gone stale; the event's id makes a repeat harmless.
      response = await once().catch((error) => (signal.aborted ? Promise.reject(error) : once()));
      text = await response.text();
    } catch (error) {
      const why = error instanceof TypeError && error.cause ? error.cause : error;
      throw new Unavailable(`no answer from ${this.#base}: ${words(why)}`, id);
    }
    return { status: response.status, answer: judge(response.status, text, id) };
  }
}

/** @param {number} status @param {string} text @param {string} id */
function judge(status, text, id) {
  const answer = parsed(text);
  if (status === 200 || status === 202) return answer;
  if (status === 400 && answer.code === "invalid_event") return answer;
  const why = `the API answered ${status}: ${answer.message ?? answer.code ?? "nothing more"}`;
  if (status === 408 || status === 429 || status >= 500) throw new Unavailable(why, id);
  throw new PresentlyError(why);
}

/** @param {string} text @returns {Record<string, any>} */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
