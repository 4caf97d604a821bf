/**
 * The last ids seen, so that an event that comes by two ways is told once. Bounded: the oldest are
 * forgotten first.
 *
 * @module
 */

export class Seen {
  /** @type {Set<string>} in the order they came */
  #ids = new Set();
  #most;

  /** @param {number} most */
  constructor(most) {
    this.#most = most;
  }

  /** Remember `id`. @param {string} id @returns {boolean} whether it is new */
  add(id) {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.#most) {
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest);
        break;
      }
    }
    return true;
  }
}
