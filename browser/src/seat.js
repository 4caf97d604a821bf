/**
 * One document's seat, shared by all its handles: takes it, keeps the gateway told of what the
 * handles want, and hands them what the gateway says. What is known is in `copy.js`, what is
 * wanted in `wants.js`.
 *
 * @module
 */

import { delayFor } from "./backoff.js";
import { Copy } from "./copy.js";
import { askAgain, fenceOf, heardLost } from "./lease.js";
import { changes, wantsOf } from "./wants.js";

/** @typedef {import('./frames.js').EventFrame} EventFrame */
/** @typedef {import('./frames.js').OkFrame} OkFrame */
/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
/** @typedef {import('./errors.js').PresentlyError} PresentlyError */
/** @typedef {(error: PresentlyError | null, answer: any) => void} Done */
/** @typedef {import('./types.js').Json} Json */

/** @typedef {import('./wire.js').Wire} Wire */

export class Seat {
  /** @type {'joining' | 'live' | 'stale' | 'refused'} */
  status = "joining";
  copy;
  /** @type {Set<import('./handle.js').Handle>} */
  handles = new Set();
  /** @type {Json} */
  #state = {};
  /** @type {import('./wants.js').Wants | null} what the gateway was told on this socket */
  #told = null;
  /** The join under way; another object means another join. @type {object | null} */
  #joining = null;
  #attempt = 0;
  #pardoned = false;
  #telling = false;
  #syncing = false;
  /** @type {PresentlyError | null} */
  #refusal = null;

  /**
   * @param {string} document
   * @param {Wire} wire
   */
  constructor(document, wire) {
    this.document = document;
    this.wire = wire;
    this.copy = new Copy(document);
  }

  /** @param {import('./handle.js').Handle} handle */
  add(handle) {
    this.handles.add(handle);
    if (this.status === "refused") this.status = "joining"; // Perhaps it is allowed by now.
    if (this.status === "joining" && !this.#joining && this.wire.online()) return this.#join();
    if (this.status !== "live") return;
    handle.settled();
    this.reconcile();
  }

  /** @param {import('./handle.js').Handle} handle */
  remove(handle) {
    this.handles.delete(handle);
    // A moment later: a page that leaves and joins in one go (a component drawn anew) keeps its
    // seat, and nobody sees it go.
    queueMicrotask(() => (this.handles.size > 0 ? this.reconcile() : this.#leave()));
  }

  /** The line is up, on a new socket. */
  online() {
    this.#attempt = 0;
    this.#pardoned = false;
    if (this.status !== "refused") this.#join();
  }

  /** The line is down. */
  offline() {
    this.#told = this.#joining = null;
    this.#telling = this.#syncing = false;
    if (this.status !== "live") return;
    this.status = "stale";
    for (const handle of this.handles) handle.changed();
  }

  /** @param {Json} state */
  setState(state) {
    this.#state = state;
    this.reconcile();
  }

  /**
   * Tell the gateway what the handles want by now.
   *
   * @param {{lease?: boolean, state?: Json}} change
   * @returns {Promise<OkFrame | null>} null: it knew
   */
  async update({ lease = false, state }) {
    const before = this.#state;
    if (state !== undefined) this.#state = state;
    const known = this.#told && !changes(this.#told, this.#wants());
    if (this.status === "live" && known && !lease) return null;
    try {
      return await this.#request(this.#updating(lease));
    } catch (error) {
      if (this.#state === state) this.#state = before;
      throw error;
    }
  }

  /**
   * @param {import('../types/contract.js').SentEvent & {id: string}} event
   * @param {boolean} ephemeral
   * @returns {Promise<OkFrame | null>} null: ephemeral, and the line is away
   */
  async send(event, ephemeral) {
    /** @type {import('./frames.js').SendFrame} */
    const frame = { type: "send", document: this.document, event };
    if (!ephemeral) return this.#request(() => frame, { event });
    // A cursor's place of a minute ago is of no use: it goes out now or never.
    if (this.status !== "live") return null;
    const said = this.#request(() => ({ ...frame, ephemeral }), { event, once: true });
    return said.catch((error) => (error.temporary ? null : Promise.reject(error)));
  }

  /** Tell what changed, if anything did. One update at a time, so that the latest wins. */
  reconcile() {
    if (this.status !== "live" || this.#telling || !this.#told || this.handles.size === 0) return;
    const fields = changes(this.#told, this.#wants());
    if (!fields) return;
    if ("keys" in fields) return this.#join(); // A second join is an update.
    this.#telling = true;
    /** @type {Done} */
    const done = (error) => {
      if (error) this.wire.error(error);
      this.#telling = false;
      this.reconcile();
    };
    this.wire.requests.ask(this.#updating(), done, { document: this.document });
  }

  /** @param {EventFrame} frame @returns {boolean} whether the handles should have it */
  heard(frame) {
    if (this.status !== "live") return false; // The answer to the join will bring it.
    const verdict = this.copy.event(frame.seq);
    if (verdict === "gap" && !this.#joining) this.#join();
    return verdict === "deliver";
  }

  /** @param {import('./frames.js').PresenceFrame | import('./frames.js').SummaryFrame} frame */
  heardPeople(frame) {
    if (this.status !== "live") return;
    const { presence, changed, gap } = this.copy.put(frame, this.wire.me());
    if (gap) this.#sync();
    for (const handle of this.handles) {
      if (presence) handle.sawPresence();
      if (changed.length > 0) handle.sawList(changed);
    }
  }

  /** @param {import('./frames.js').ResetFrame} frame */
  heardReset({ epoch, seq }) {
    if (this.status !== "live") return;
    this.copy.reset(epoch, seq);
    for (const handle of this.handles) handle.reload();
  }

  /** @param {import('./frames.js').LeaseFrame} frame */
  heardLease(frame) {
    heardLost(this, frame);
  }

  /** The gateway ended the seat, or could not keep it. @param {PresentlyError} error */
  heardEnd(error) {
    this.offline();
    this.#notJoined(error);
  }

  #wants() {
    return wantsOf(this.handles, this.#state);
  }

  /**
   * An update, made when it goes out: a repeat says what is wanted by then. Mode and state are in
   * it whether they changed or not, because an update that failed may have been told of before.
   *
   * @param {boolean} [asks]   for the lease, if it is still wanted
   * @returns {() => ClientFrame}
   */
  #updating(asks) {
    return () => {
      const { keys, lease: had } = this.#told ?? {};
      const { mode, state, lease: wanted } = (this.#told = { ...this.#wants(), keys });
      const lease = wanted ? asks || undefined : had ? false : undefined;
      return { type: "update", document: this.document, mode, state, lease };
    };
  }

  #join() {
    const join = (this.#joining = {});
    /** @returns {import('./frames.js').JoinFrame} */
    const make = () => {
      const { mode, state, keys } = (this.#told = this.#wants());
      const { since } = this.copy;
      const lease = fenceOf(this.handles);
      return { type: "join", document: this.document, mode, state, since, keys, lease };
    };
    /** @type {Done} */
    const done = (error, answer) => {
      if (this.#joining !== join) return;
      this.#joining = null;
      if (error) this.#notJoined(error);
      else this.#joined(answer);
    };
    this.wire.requests.ask(make, done, { document: this.document, once: true });
  }

  /** @param {import('./frames.js').JoinedFrame} frame */
  #joined(frame) {
    const { events, reload, changed } = this.copy.joined(
      frame,
      this.wire.me(),
      this.status !== "live",
    );
    this.status = "live";
    this.#attempt = 0;
    for (const event of events) this.wire.deliver(event, this.handles);
    for (const handle of this.handles) {
      if (reload) handle.reload();
      handle.settled();
      handle.saw(changed);
    }
    this.wire.requests.resume(this.document);
    askAgain(this);
    this.reconcile();
  }

  /** @param {PresentlyError} error */
  #notJoined(error) {
    const join = (this.#joining = {});
    const again = () => this.#joining === join && this.#join();
    if (error.temporary) {
      const ms = error.retryInMs ?? delayFor(++this.#attempt, this.wire.random());
      return void this.wire.clock.setTimeout(again, ms);
    }
    // Once per socket: a token that allows one document and takes another away, and the next one
    // the other way round, would go on for ever.
    if (error.code !== "forbidden" || this.#pardoned) return this.#refused(error);
    this.#pardoned = true;
    this.wire.pardon(this.document).then((pardoned) => {
      if (pardoned) again();
      else if (this.#joining === join) this.#refused(error);
    });
  }

  /** @param {PresentlyError} error */
  #refused(error) {
    this.#joining = this.#told = null;
    this.#refusal = error;
    this.status = "refused";
    for (const handle of this.handles) {
      handle.failed(error);
      handle.changed();
    }
    this.wire.error(error);
  }

  #leave() {
    if (this.#told) this.wire.tell({ type: "leave", document: this.document });
    this.offline();
    this.wire.gone(this);
  }

  /** A change of presence is missing: ask for the whole, once. */
  #sync() {
    if (this.#syncing) return;
    this.#syncing = true;
    /** @returns {ClientFrame} */
    const make = () => ({ type: "sync", document: this.document });
    /** @type {Done} */
    const done = (error, answer) => {
      this.#syncing = false; // If it failed, the next change shows the gap again.
      if (error || (!answer.presence && !answer.summary)) return;
      const { changed } = this.copy.whole(answer, this.wire.me());
      for (const handle of this.handles) handle.saw(changed);
    };
    this.wire.requests.ask(make, done, { document: this.document, once: true });
  }

  /**
   * @param {() => ClientFrame} make
   * @param {{event?: {id: string, type: string}, once?: boolean}} [o]
   * @returns {Promise<OkFrame>}
   */
  #request(make, { event, once } = {}) {
    if (this.status === "refused" && this.#refusal) return Promise.reject(this.#refusal);
    const hold = this.status !== "live";
    return this.wire.requests.asked(make, { document: this.document, event, once, hold });
  }
}
