/**
 * Where tokens come from and how long one is good. A token is kept and used again after a lost
 * connection: when a gateway restarts, its thousands of pages should not all ask the application.
 *
 * @module
 */

import { PresentlyError } from "./errors.js";

/** An application that has not answered after this, in ms, will be asked again later. */
export const ANSWER_MS = 10_000;
/** A kept token with less than this left, in ms, is not worth a connection. */
const LEFT_MS = 10_000;

export class Tokens {
  #source;
  #clock;
  /** @type {string | null} */
  #token = null;
  /** When the token ends, by our clock. */
  #until = Infinity;
  #lifetime = Infinity;

  /**
   * @param {import('./types.js').TokenSource | undefined} source
   * @param {import('./types.js').Clock} clock
   */
  constructor(source, clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Whether asking again can give another token. */
  get renewable() {
    return typeof this.#source === "function";
  }

  /** The token last given, whether the gateway took it or not. */
  get current() {
    return this.#token;
  }

  /**
   * A token to connect with; undefined for an anonymous line.
   *
   * @param {boolean} fresh   the kept one was refused
   * @returns {Promise<string | undefined>}
   * @throws {PresentlyError} code `token`
   */
  async forConnect(fresh) {
    const good = this.#token !== null && this.#until - this.#clock.now() > LEFT_MS;
    if (good && !fresh) return this.#token ?? undefined;
    if (this.#source === undefined) return undefined;
    return this.ask({ why: "connect" });
  }

  /**
   * Ask the application. What it gives is kept.
   *
   * @param {import('./types.js').Ask} ask
   * @returns {Promise<string>}
   * @throws {PresentlyError} code `token`: it failed, gave none, or took longer than `ANSWER_MS`
   */
  async ask(ask) {
    const source = this.#source;
    let token;
    try {
      token = typeof source === "function" ? await this.#inTime(source(ask)) : source;
    } catch (cause) {
      throw new PresentlyError("token", `no token could be had: ${cause}`, {
        temporary: true,
        cause,
      });
    }
    if (typeof token === "string") token = token.trim(); // A file's last line ends with a newline.
    if (typeof token !== "string" || token === "") {
      throw new PresentlyError("token", "the token callback gave no token", { temporary: true });
    }
    if (token !== this.#token) this.#until = Infinity;
    this.#token = token;
    return token;
  }

  /**
   * The gateway took the token.
   *
   * @param {number | undefined} expiresInMs   undefined: as long as the one before
   * @returns {number} ms until it ends
   */
  accepted(expiresInMs = this.#lifetime) {
    this.#lifetime = expiresInMs;
    this.#until = this.#clock.now() + expiresInMs;
    return expiresInMs;
  }

  /**
   * @template T
   * @param {T | Promise<T>} answer
   * @returns {Promise<T>}
   */
  #inTime(answer) {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no answer within ${ANSWER_MS} ms`));
      const timer = this.#clock.setTimeout(late, ANSWER_MS);
      Promise.resolve(answer)
        .then(resolve, reject)
        .finally(() => this.#clock.clearTimeout(timer));
    });
  }
}
