/**
 * A handle on a collection. Its public shape is `Collection` in `types.js`.
 *
 * @module
 */

import { Handle } from "./handle.js";
import { keyOf } from "./ids.js";

/** @typedef {import('./types.js').Presence} Presence */

export class CollectionHandle extends Handle {
  /** @type {ReadonlyMap<string, Presence> | null} what `#mine` was made from */
  #all = null;
  /** @type {ReadonlyMap<string, Presence>} */
  #mine = new Map();

  /**
   * @param {import('./seat.js').Seat} seat
   * @param {string} name
   * @param {readonly string[] | undefined} keys   undefined: all documents
   */
  constructor(seat, name, keys) {
    super(seat);
    this.name = name;
    /** @override @type {ReadonlySet<string> | null} */
    this.keys = keys === undefined ? null : new Set(keys);
    /** @override @param {string} document */
    this.watches = (document) => this.#wants(document);
  }

  get documents() {
    const all = this.seat.copy.list.documents;
    if (this.#all !== all) {
      this.#all = all;
      this.#mine = this.keys
        ? new Map([...all].filter(([document]) => this.#wants(document)))
        : all;
    }
    return this.#mine;
  }

  get complete() {
    return this.seat.copy.list.complete;
  }

  /** @override */
  known() {
    const { documents } = this;
    return this.seat.copy.list.v === null ? null : [documents, [...documents.keys()]];
  }

  /** @override @param {readonly string[]} changed */
  sawList(changed) {
    this.changed(
      this.documents,
      changed.filter((document) => this.#wants(document)),
    );
  }

  /** @param {string} document @returns {import('./types.js').Color} */
  color(document) {
    return this.documents.get(document)?.color ?? "green";
  }

  /** @param {string} document */
  #wants(document) {
    // What happens to the list itself (many rows at once) concerns every watcher.
    return !this.keys || document === this.seat.document || this.keys.has(keyOf(document));
  }
}
