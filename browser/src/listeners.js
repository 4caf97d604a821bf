/**
 * Who wants to be called. One listener's mistake is reported and costs the others nothing.
 *
 * @module
 */

export class Listeners {
  /** @type {Map<string, Set<(...args: any[]) => void>>} */
  #calls = new Map();

  /**
   * @param {string} type
   * @param {(...args: any[]) => void} call
   * @returns {() => void} takes the listener away again
   */
  on(type, call) {
    check(type, call);
    // Wrapped, so that one function given twice is called twice and taken away once.
    const listener = (/** @type {any[]} */ ...args) => call(...args);
    return this.#add(type, listener);
  }

  /**
   * Listen to how something is, not to what happens: who comes late is told on the next microtask,
   * and nobody is told the same thing twice running.
   *
   * @param {string} type
   * @param {(...args: any[]) => void} call   the first argument is another object at each change
   * @param {() => unknown[] | null} now      what `call` would be told now; null: not known
   * @returns {() => void} takes the listener away again
   */
  follow(type, call, now) {
    check(type, call);
    /** @type {unknown} */
    let told;
    const listener = (/** @type {any[]} */ ...args) => {
      if (args[0] === told) return;
      told = args[0];
      call(...args);
    };
    const off = this.#add(type, listener);
    queueMicrotask(() => {
      const args = this.#calls.get(type)?.has(listener) ? now() : null;
      if (args) tell(listener, args);
    });
    return off;
  }

  /** @param {string} type */
  has(type) {
    return (this.#calls.get(type)?.size ?? 0) > 0;
  }

  /**
   * @param {string} type
   * @param {...unknown} args
   */
  emit(type, ...args) {
    for (const call of [...(this.#calls.get(type) ?? [])]) tell(call, args);
  }

  /**
   * @param {string} type
   * @param {(...args: any[]) => void} listener
   */
  #add(type, listener) {
    const calls = this.#calls.get(type) ?? new Set();
    this.#calls.set(type, calls.add(listener));
    return () => void calls.delete(listener);
  }
}

/** @param {string} type @param {unknown} call */
function check(type, call) {
  if (typeof call !== "function") throw new TypeError(`the listener for ${type} is no function`);
}

/** @param {(...args: any[]) => void} call @param {unknown[]} args */
function tell(call, args) {
  try {
    call(...args);
  } catch (error) {
    report(error);
  }
}

/** As an uncaught exception would be, without stopping us. @param {unknown} error */
function report(error) {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
