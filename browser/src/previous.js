/**
 * The connection's id across a navigation, so that the next page's seats take the place of this
 * page's in one step and nobody sees the user go and come.
 *
 * A duplicated tab gets a copy of `sessionStorage`. If the id of a living connection lay there, the
 * copy would claim its seats. So it lies there only between two pages: written on `pagehide`,
 * taken out when the next page starts, and never there while a page lives.
 *
 * @module
 */

const PREFIX = "presently.previous:";

export class Previous {
  /** @type {import('./types.js').Options['storage']} */
  #storage;
  #key;

  /**
   * @param {import('./types.js').Options['storage']} storage
   * @param {string} url   one application may hold lines to several gateways
   */
  constructor(storage, url) {
    this.#storage = storage;
    this.#key = PREFIX + url;
  }

  /** The id left by the page before, once. @returns {string | null} */
  take() {
    try {
      const id = this.#storage?.getItem(this.#key) ?? null;
      this.#storage?.removeItem(this.#key);
      return id;
    } catch {
      return null; // Storage may be forbidden (a sandboxed frame, blocked cookies): do without.
    }
  }

  /** The page goes. @param {string | null} connection */
  leave(connection) {
    try {
      if (connection !== null) this.#storage?.setItem(this.#key, connection);
    } catch {
      // As above, or full. The old seat then goes after the gateway's grace.
    }
  }
}

/** `sessionStorage`, whose mere mention throws where storage is forbidden. */
export function sessionStorageOrNull() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
