/**
 * The page's copy of one document: its numbers, who is there and, of a list, who is where. Pure:
 * each method takes what the gateway said and returns what is to be done about it.
 *
 * @module
 */

import { NOTHING, put as putSummary } from "./collection.js";
import { onEvent, onJoined } from "./document.js";
import { UNKNOWN, put as putPresence, view } from "./presence.js";

/** @typedef {import('./frames.js').JoinedFrame} JoinedFrame */
/** @typedef {import('./frames.js').PresenceBody} PresenceBody */
/** @typedef {import('./frames.js').SummaryBody} SummaryBody */

export class Copy {
  /** What applications see; the same object until it changes. */
  presence = view(UNKNOWN, null);
  list = NOTHING;
  /** @type {import('./document.js').Position} */
  at = null;
  #known = UNKNOWN;
  #isList;

  /** @param {string} document */
  constructor(document) {
    this.#isList = document.endsWith(".~");
  }

  /** Whether anything was ever said of who is here. */
  get known() {
    return this.#known.v !== null;
  }

  /** What to resume after. A list is never resumed event by event. */
  get since() {
    return this.#isList ? undefined : (this.at ?? undefined);
  }

  /**
   * The answer to a join.
   *
   * @param {JoinedFrame} joined
   * @param {string | null} me
   * @param {boolean} anew   the first on this socket; a list asked for more keys missed nothing
   */
  joined(joined, me, anew) {
    const { at, events, reload } = onJoined(this.at, joined);
    this.at = at;
    return { events, reload: reload && (anew || !this.#isList), ...this.whole(joined, me) };
  }

  /**
   * Presence and summary as far as `answer` has them.
   *
   * @param {{presence?: PresenceBody, summary?: SummaryBody}} answer
   * @param {string | null} me
   * @returns {{changed: string[]}} documents of the list
   */
  whole({ presence, summary }, me) {
    if (presence) this.#putPresence({ ...presence, full: true }, me);
    return { changed: summary ? this.#putSummary({ ...summary, full: true }, me).changed : [] };
  }

  /**
   * A change of either, or the whole of it.
   *
   * @param {import('./frames.js').PresenceFrame | import('./frames.js').SummaryFrame} frame
   * @param {string | null} me
   * @returns {{presence: boolean, changed: string[], gap: boolean}}
   */
  put(frame, me) {
    if (frame.type === "summary") return { presence: false, ...this.#putSummary(frame, me) };
    const { changed, gap } = this.#putPresence(frame, me);
    return { presence: changed, changed: [], gap };
  }

  /** @param {PresenceBody} said @param {string | null} me */
  #putPresence(said, me) {
    const { known, changed, gap } = putPresence(this.#known, said);
    this.#known = known;
    if (changed) this.presence = view(known, me);
    return { changed, gap };
  }

  /** @param {SummaryBody} said @param {string | null} me */
  #putSummary(said, me) {
    const { known, changed, gap } = putSummary(this.list, said, me);
    this.list = known;
    return { changed, gap };
  }

  /** Whether to deliver an event. @param {number | undefined} seq */
  event(seq) {
    if (this.#isList) return "deliver"; // Its members' events have numbers of their own.
    const { verdict, at } = onEvent(this.at, seq);
    this.at = at;
    return verdict;
  }

  /** The document's numbers begin anew. @param {string} epoch @param {number} seq */
  reset(epoch, seq) {
    this.at = { epoch, seq };
  }
}
