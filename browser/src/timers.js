/**
 * Named timers: setting one again moves it, so that none is ever left behind.
 *
 * @module
 */

/** What a browser's `setTimeout` can hold, in ms; more would fire at once (HTML, timers). */
const MOST_MS = 2 ** 31 - 1;

export class Timers {
  /** @type {Map<string, unknown>} */
  #running = new Map();
  #clock;

  /** @param {import('./types.js').Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * @param {string} name
   * @param {number} ms     not finite: no timer
   * @param {() => void} call
   */
  set(name, ms, call) {
    this.clear(name);
    if (!Number.isFinite(ms)) return;
    const fire = () => {
      this.#running.delete(name);
      call();
    };
    this.#running.set(name, this.#clock.setTimeout(fire, Math.min(Math.max(0, ms), MOST_MS)));
  }

  /** @param {...string} names */
  clear(...names) {
    for (const name of names) {
      this.#clock.clearTimeout(this.#running.get(name));
      this.#running.delete(name);
    }
  }

  clearAll() {
    this.clear(...this.#running.keys());
  }
}

/** @type {import('./types.js').Clock} */
export const browserClock = {
  now: () => performance.now(),
  setTimeout: (call, ms) => globalThis.setTimeout(call, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};
