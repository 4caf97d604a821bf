/**
 * Requests that have no answer yet. Pure.
 *
 * Those about a document go out while its seat is taken on the present socket; a lost socket makes
 * them unsent again, and they are repeated under the same id (an event under the same `event.id`,
 * which makes the repeat harmless) once the seat is taken anew.
 *
 * @module
 */

/**
 * @typedef {object} Request
 * @property {string} id
 * @property {string | undefined} document
 * @property {{id: string, type: string} | undefined} event   what is sent
 * @property {() => import('./frames.js').ClientFrame} make
 *   the frame without its id, made when it goes out, so that a repeat says what is wanted by then
 * @property {boolean} once     of no use after the socket it was written to is gone
 * @property {boolean} sent
 * @property {number} until     when it is given up
 */

/** More unanswered requests than this are refused (`limit`): nobody waits for that many. */
export const MOST = 1_000;

export class Outbox {
  /** @type {Map<string, Request>} in the order they were asked */
  #requests = new Map();
  #last = 0;

  get isFull() {
    return this.#requests.size >= MOST;
  }

  /**
   * @param {Omit<Request, 'id' | 'sent'>} request
   * @returns {Request}
   */
  add(request) {
    const added = { ...request, id: String(++this.#last), sent: false };
    this.#requests.set(added.id, added);
    return added;
  }

  /** Answered or given up. @param {Request} request */
  drop(request) {
    this.#requests.delete(request.id);
  }

  /** @param {import('./frames.js').OkFrame['id']} id */
  get(id) {
    return typeof id === "string" ? this.#requests.get(id) : undefined;
  }

  /** What is to be written, in order, now that the seat is taken. @param {string} document */
  unsent(document) {
    return [...this.#requests.values()].filter((one) => !one.sent && one.document === document);
  }

  /** The socket is gone, and some requests with it. */
  lost() {
    const all = [...this.#requests.values()];
    const gone = all.filter((request) => request.once);
    const kept = all.filter((request) => !request.once);
    for (const request of gone) this.drop(request);
    for (const request of kept) request.sent = false;
    return { gone, kept };
  }

  /** The end. @returns {Request[]} */
  clear() {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    return all;
  }
}
