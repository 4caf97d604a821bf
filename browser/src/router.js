/**
 * The way of a frame from the gateway to whom it concerns.
 *
 * A socket that sits both at a document and at its collection's list gets an event once. So each
 * event is offered to the document's own handles by its number, and to the collection's by its id.
 *
 * @module
 */

import { fromFrame } from "./errors.js";
import { listAround } from "./ids.js";
import { Seen } from "./seen.js";

/** @typedef {import('./frames.js').GatewayFrame} GatewayFrame */
/** @typedef {import('./frames.js').EventFrame} EventFrame */
/** @typedef {import('./handle.js').Handle} Handle */
/** @typedef {import('./types.js').LiveEvent} LiveEvent */

/** Ids remembered for collections: a replay has at most 256 of one document. */
const SEEN_MOST = 4_096;

export class Router {
  #seats;
  #requests;
  #hear;
  #seen = new Seen(SEEN_MOST);

  /**
   * @param {ReadonlyMap<string, import('./seat.js').Seat>} seats
   * @param {import('./requests.js').Requests} requests
   * @param {{error: (error: import('./errors.js').PresentlyError) => void,
   *   unhandled: (event: LiveEvent) => void}} hear
   */
  constructor(seats, requests, hear) {
    this.#seats = seats;
    this.#requests = requests;
    this.#hear = hear;
  }

  /** @param {GatewayFrame} frame */
  route(frame) {
    if ("id" in frame && frame.id !== undefined) {
      this.#requests.answered(/** @type {any} */ (frame));
    } else if (frame.type === "error") {
      this.#unasked(frame);
    }
    switch (frame.type) {
      case "event":
        return this.#event(frame);
      case "presence":
      case "summary":
        return this.#seats.get(frame.document)?.heardPeople(frame);
      case "reset":
        return this.#reset(frame);
      case "lease":
        return this.#seats.get(frame.document)?.heardLease(frame);
    }
  }

  /**
   * Give an event to `handles` and to those that watch the document's collection.
   *
   * @param {EventFrame} frame
   * @param {Iterable<Handle>} handles
   */
  deliver = (frame, handles) => {
    const { document, seq, event } = frame;
    const takers = [...handles].filter((handle) => !handle.watches);
    takers.push(...this.#watchers(frame));
    const anew = isAnew(event);
    const delivery = {
      event,
      heard: Object.freeze(seq === undefined ? { document } : { document, seq }),
      waiting: takers.length,
      handled: anew,
      unhandled: this.#hear.unhandled,
    };
    for (const handle of takers) {
      handle.take(delivery);
      if (anew) handle.reload();
    }
  };

  /**
   * An error that answers nothing: a seat ended without our asking, or the whole line is about to.
   *
   * @param {import('./frames.js').ErrorFrame} frame
   */
  #unasked(frame) {
    const seat = frame.document === undefined ? undefined : this.#seats.get(frame.document);
    if (seat) seat.heardEnd(fromFrame(frame));
    // `expired` precedes the close code 4401, which brings a new token.
    else if (frame.code !== "expired") this.#hear.error(fromFrame(frame));
  }

  /** @param {EventFrame} frame */
  #event(frame) {
    const seat = this.#seats.get(frame.document);
    this.deliver(frame, seat?.heard(frame) ? seat.handles : []);
  }

  /** Events of the document were missed for good. @param {import('./frames.js').ResetFrame} frame */
  #reset(frame) {
    this.#seats.get(frame.document)?.heardReset(frame);
    for (const handle of this.#lists(frame.document)) handle.reload();
  }

  /** @param {string} document @returns {Handle[]} those of its collection that want to know of it */
  #lists(document) {
    const seat = this.#seats.get(listAround(document));
    if (!seat || seat.status === "refused") return [];
    return [...seat.handles].filter((handle) => handle.watches?.(document));
  }

  /** @param {EventFrame} frame */
  #watchers({ document, event }) {
    const watchers = this.#lists(document);
    const id = JSON.stringify([document, event.source, event.id]);
    return watchers.length > 0 && this.#seen.add(id) ? watchers : [];
  }
}

/**
 * Many rows changed at once (`t`, `x`) or nobody knows which: fetch anew (`schemas/events.py`).
 *
 * @param {LiveEvent} event
 */
export function isAnew({ type, data }) {
  if (type === "presently.resync") return true;
  return type === "presently.change" && (data?.op === "t" || data?.op === "x");
}
