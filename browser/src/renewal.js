/**
 * Gives the gateway a new token while the line stays up: before the old one ends, and when a
 * document was refused that another token may allow.
 *
 * @module
 */

import { delayFor } from "./backoff.js";
import { Timers } from "./timers.js";

/** @typedef {import('./errors.js').PresentlyError} PresentlyError */

/** Renewed after this share of its life at the earliest; up to `SPREAD` later, so that the pages
 * that connected together after a restart do not all ask the application together. */
const SHARE = 0.75;
const SPREAD = 0.1;
/** No sooner than this, in ms, whatever a gateway says of a token's life. */
const LEAST_MS = 1_000;

export class Renewal {
  #it;
  #timers;
  #attempt = 0;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {{tokens: import('./tokens.js').Tokens, clock: import('./types.js').Clock,
   *   random: () => number, requests: import('./requests.js').Requests,
   *   error: (error: PresentlyError) => void}} it
   */
  constructor(it) {
    this.#it = it;
    this.#timers = new Timers(it.clock);
  }

  /** @param {number | undefined} expiresInMs */
  online(expiresInMs) {
    this.#attempt = 0;
    this.#until(this.#it.tokens.accepted(expiresInMs));
  }

  offline() {
    this.#timers.clearAll();
  }

  /**
   * Get a token with which `document` may be joined. One at a time: two answers that overtake each
   * other would leave the line with the wrong one.
   *
   * @param {string} document
   * @returns {Promise<boolean>} false: there is none
   */
  pardon(document) {
    const pardoned = this.#last.then(() => this.#pardon(document));
    this.#last = pardoned;
    return pardoned;
  }

  /** @param {string} document */
  async #pardon(document) {
    const { tokens, error: tell } = this.#it;
    if (!tokens.renewable) return false;
    try {
      const before = tokens.current;
      const token = await tokens.ask({ why: "forbidden", document });
      if (token === before) return false;
      await this.#present(token);
      return true;
    } catch (error) {
      const failure = /** @type {PresentlyError} */ (error);
      // A line lost meanwhile is no news of its own: the next one brings the new token anyway.
      if (failure.code !== "unavailable") tell(failure);
      return false;
    }
  }

  /** @param {number} ms */
  #until(ms) {
    if (!this.#it.tokens.renewable) return;
    const wait = Math.max(LEAST_MS, ms * (SHARE + SPREAD * this.#it.random()));
    this.#timers.set("renew", wait, () => void this.#renew());
  }

  async #renew() {
    try {
      await this.#present(await this.#it.tokens.ask({ why: "expiring" }));
      this.#attempt = 0;
    } catch (error) {
      const failure = /** @type {PresentlyError} */ (error);
      if (failure.code === "unavailable") return;
      this.#it.error(failure);
      const wait = delayFor(this.#attempt++, this.#it.random(), LEAST_MS);
      this.#timers.set("renew", wait, () => void this.#renew());
    }
  }

  /** @param {string} token */
  async #present(token) {
    const answer = await this.#it.requests.asked(() => ({ type: "token", token }), { once: true });
    this.#until(this.#it.tokens.accepted(answer.expires_in_ms));
  }
}
