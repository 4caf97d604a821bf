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
    if (typeof call !== "function") throw new TypeError(`the listener for ${type} is no function`);
    // Wrapped, so that one function given twice is called twice and taken away once.
    const listener = (/** @type {any[]} */ ...args) => call(...args);
    const calls = this.#calls.get(type) ?? new Set();
    this.#calls.set(type, calls.add(listener));
    return () => void calls.delete(listener);
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
    for (const call of [...(this.#calls.get(type) ?? [])]) {
      try {
        call(...args);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** As an uncaught exception would be, without stopping us. @param {unknown} error */
function report(error) {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
