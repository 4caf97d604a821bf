/**
 * Time for tests: stands still until it is told to go.
 *
 * @module
 */

export class FakeClock {
  #now = 0;
  #last = 0;
  /** @type {Map<number, {at: number, call: () => void}>} */
  #timers = new Map();

  now = () => this.#now;

  /** @type {(call: () => void, ms: number) => number} */
  setTimeout = (call, ms) => {
    this.#timers.set(++this.#last, { at: this.#now + Math.max(0, ms), call });
    return this.#last;
  };

  /** @type {(timer: any) => void} */
  clearTimeout = (timer) => void this.#timers.delete(timer);

  /** How long until each running timer, in ms, soonest first. */
  get waits() {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /**
   * Let `ms` pass: every timer due on the way is called at its time, and what it set off is
   * awaited.
   *
   * @param {number} [ms]
   */
  async advance(ms = 0) {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [next] = due.sort(([a, one], [b, two]) => one.at - two.at || a - b);
      if (!next) break;
      const [id, { at, call }] = next;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      call();
      await settle();
    }
    this.#now = end;
  }

  /** Time jumps, as for a sleeping machine: what is due is called late. @param {number} ms */
  async sleep(ms) {
    this.#now += ms;
    await this.advance();
  }
}

/** Let every promise that can go on go on. 50 turns are more than any chain in here is long. */
export async function settle() {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
