/**
 * What an application holds of a seat: its listeners, its own wish for a mode, and the events held
 * back while it loads. `Doc` and `Collection` build on it.
 *
 * @module
 */

import { Listeners } from "./listeners.js";

/** @typedef {import('./types.js').LiveEvent} LiveEvent */
/** @typedef {import('./types.js').Heard} Heard */

/**
 * An event on its way to the handles that should hear it. When the last of them has had it and
 * none had a listener for it, nobody handles its type.
 *
 * @typedef {object} Delivery
 * @property {LiveEvent} event
 * @property {Heard} heard
 * @property {number} waiting     handles that have not had it yet
 * @property {boolean} handled
 * @property {(event: LiveEvent) => void} unhandled
 */

/** More events than this held during one load are dropped; a `reload` follows in their place. */
export const HELD_MOST = 1_000;

/** Types that name our own calls; an event of such a type is only heard by `on('event')`. */
const OWN = new Set(["presence", "event", "reload", "lease"]);

/** No event type has a space in it. */
const CHANGED = "status or presence";

export class Handle {
  /** @type {import('./types.js').Mode} */
  mode = "watching";
  /** Whether this handle asked for the lease, and did not give it back. */
  wantsLease = false;
  /** Of the lease it holds. @type {number | null} */
  fence = null;
  left = false;
  /**
   * Of a collection's handle: whether it wants to hear of a document.
   * @type {((document: string) => boolean) | null}
   */
  watches = null;
  /**
   * Of a collection's handle: the keys wanted; null: all.
   * @type {ReadonlySet<string> | null | undefined}
   */
  keys = undefined;
  /** @type {Promise<void>} */
  ready;
  /** @type {() => void} */
  settled = () => {};
  /** @type {(error: Error) => void} */
  failed = () => {};
  #listeners = new Listeners();
  #loads = 0;
  /** @type {(Delivery | null)[]} null: a reload, in its place among the events */
  #held = [];
  /** @protected */
  seat;

  /** @param {import('./seat.js').Seat} seat */
  constructor(seat) {
    this.seat = seat;
    this.ready = new Promise((resolve, reject) => {
      this.settled = resolve;
      this.failed = reject;
    });
    // Who does not wait for `ready` hears of a refusal from `live.on('error')`.
    this.ready.catch(() => {});
  }

  /** @returns {import('./types.js').Status} */
  get status() {
    return this.left ? "left" : this.seat.status;
  }

  /**
   * @param {string} type
   * @param {(...args: any[]) => void} call
   */
  on(type, call) {
    if (type !== "presence") return this.#listeners.on(type, call);
    const over = () => this.left || this.seat.status === "refused";
    return this.#listeners.follow(type, call, () => (over() ? null : this.known()));
  }

  /** @param {() => void} call */
  subscribe(call) {
    return this.#listeners.on(CHANGED, call);
  }

  /**
   * @template T
   * @param {() => T | Promise<T>} fetch
   * @returns {Promise<T>}
   */
  async load(fetch) {
    this.#loads++;
    try {
      await this.ready;
      return await fetch();
    } finally {
      // A task later, so that listeners added straight after `await doc.load(…)` are in time.
      this.seat.wire.clock.setTimeout(() => this.#release(), 0);
    }
  }

  leave() {
    if (this.left) return;
    this.left = true;
    this.fence = null;
    this.wantsLease = false;
    for (const delivery of this.#held.splice(0)) if (delivery) this.#done(delivery);
    this.seat.remove(this);
    this.#listeners.emit(CHANGED);
  }

  /** Status or presence changed. @param {...unknown} told */
  changed(...told) {
    if (this.left) return;
    if (told.length > 0) this.#listeners.emit("presence", ...told);
    this.#listeners.emit(CHANGED);
  }

  /**
   * What a listener for `presence` would be told now; null: nothing is known yet.
   *
   * @returns {unknown[] | null}
   */
  known() {
    return null;
  }

  /** What a handle tells its listeners of the seat's copy: `Doc` its presence … */
  sawPresence() {}

  /** … and `Collection` its list. @param {readonly string[]} _changed */
  sawList(_changed) {}

  /** Everything, after a join. @param {readonly string[]} changed */
  saw(changed) {
    this.sawPresence();
    this.sawList(changed);
  }

  /** @param {Delivery} delivery */
  take(delivery) {
    if (this.left) this.#done(delivery);
    else if (this.#loads === 0) this.#give(delivery);
    else if (this.#held.length < HELD_MOST) this.#held.push(delivery);
    else this.#overflow(delivery);
  }

  /** Events were missed for good. */
  reload() {
    if (this.left) return;
    if (this.#loads === 0) this.#listeners.emit("reload");
    else if (this.#held.at(-1) !== null) this.#held.push(null);
  }

  /** @param {import('./types.js').LeaseNews} news */
  leased(news) {
    if (!this.left) this.#listeners.emit("lease", news);
  }

  /** @param {Delivery} delivery */
  #give(delivery) {
    const { event, heard } = delivery;
    const types = OWN.has(event.type) ? ["event"] : ["event", event.type];
    for (const type of types) {
      delivery.handled ||= this.#listeners.has(type);
      this.#listeners.emit(type, event, heard);
    }
    this.#done(delivery);
  }

  /** @param {Delivery} delivery */
  #done(delivery) {
    delivery.waiting--;
    if (delivery.waiting === 0 && !delivery.handled) delivery.unhandled(delivery.event);
  }

  /** @param {Delivery} last */
  #overflow(last) {
    for (const delivery of [...this.#held.splice(0), last]) {
      if (!delivery) continue;
      delivery.handled = true; // It will be had by the reload.
      this.#done(delivery);
    }
    this.#held = [null];
  }

  #release() {
    this.#loads--;
    while (this.#loads === 0 && !this.left && this.#held.length > 0) {
      const delivery = this.#held.shift();
      if (delivery) this.#give(delivery);
      else this.#listeners.emit("reload");
    }
  }
}
