/**
 * A handle on one document. Its public shape is `Doc` in `types.js`.
 *
 * @module
 */

import { PresentlyError } from "./errors.js";
import { Handle } from "./handle.js";

/** @typedef {import('./types.js').Json} Json */

export class DocHandle extends Handle {
  /**
   * @param {import('./seat.js').Seat} seat
   * @param {import('./types.js').Mode} mode
   */
  constructor(seat, mode) {
    super(seat);
    this.mode = mode;
  }

  get id() {
    return this.seat.document;
  }

  get presence() {
    return this.seat.copy.presence;
  }

  /** @override */
  known() {
    return this.seat.copy.known ? [this.presence] : null;
  }

  /** @override */
  sawPresence() {
    this.changed(this.presence);
  }

  /**
   * @param {{lease?: boolean, state?: Json}} [o]
   * @returns {Promise<{fence?: number}>}
   */
  async edit({ lease, state } = {}) {
    await this.#change("editing", lease ?? this.wantsLease, { asks: lease, state });
    return this.fence === null ? {} : { fence: this.fence };
  }

  /** @returns {Promise<void>} */
  async read() {
    await this.#change("reading", false);
  }

  /** @param {Json} state */
  setState(state) {
    if (!this.left) this.seat.setState(state);
  }

  /**
   * @param {string} type
   * @param {unknown} [data]
   * @param {{ephemeral?: boolean, id?: string}} [o]
   * @returns {Promise<{seq?: number}>}
   */
  async send(type, data = {}, { ephemeral = false, id = crypto.randomUUID() } = {}) {
    this.#mustBeHere();
    const answer = await this.seat.send({ id, type, data: /** @type {Json} */ (data) }, ephemeral);
    return answer?.seq === undefined ? {} : { seq: answer.seq };
  }

  /**
   * @param {'reading' | 'editing'} mode
   * @param {boolean} lease   wanted from now on
   * @param {{asks?: boolean, state?: Json}} [o]
   */
  async #change(mode, lease, { asks = false, state } = {}) {
    this.#mustBeHere();
    const before = this.mode;
    this.mode = mode;
    this.wantsLease = lease;
    if (!lease) this.fence = null;
    try {
      const answer = await this.seat.update({ lease: asks, state });
      if (this.wantsLease && answer?.fence !== undefined) this.fence = answer.fence;
    } catch (error) {
      // Not granted: this handle is what it was, unless it was told otherwise meanwhile.
      if (this.mode === mode) this.mode = before;
      if (asks) [this.wantsLease, this.fence] = [false, null];
      this.seat.reconcile();
      throw error;
    }
  }

  #mustBeHere() {
    if (!this.left) return;
    throw new PresentlyError("not_joined", `${this.id} was left`, { document: this.id });
  }
}
