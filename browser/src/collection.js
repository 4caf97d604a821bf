/**
 * Who is where in a collection: documents with somebody at them; free ones are not in the map.
 * Pure.
 *
 * @module
 */

import { UNKNOWN, put as putPresence, view } from "./presence.js";

/** @typedef {import('./types.js').Presence} Presence */
/** @typedef {import('./frames.js').SummaryBody} SummaryBody */
/** @typedef {import('./frames.js').Member} Member */

/**
 * @typedef {object} Known
 * @property {number | null} v
 * @property {ReadonlyMap<string, Presence>} documents
 * @property {boolean} complete   false: more documents are busy than are listed
 */

/** @type {Known} */
export const NOTHING = Object.freeze({ v: null, documents: new Map(), complete: false });

/**
 * Put what the gateway said onto what is known.
 *
 * @param {Known} known
 * @param {SummaryBody} said
 * @param {string | null} me
 * @returns {{known: Known, changed: string[], gap: boolean}}
 *   changed: ids of the documents that came, changed or became free
 */
export function put(known, said, me) {
  if (!said.full) {
    if (known.v === null || said.v > known.v + 1) return { known, changed: [], gap: true };
    if (said.v <= known.v) return { known, changed: [], gap: false };
  }
  const documents = said.full ? new Map() : new Map(known.documents);
  /** @type {Set<string>} */
  const changed = new Set(said.full ? known.documents.keys() : []);
  for (const member of said.documents) {
    changed.add(member.document);
    if (isFree(member)) documents.delete(member.document);
    else documents.set(member.document, seen(member, me));
  }
  const complete = said.complete ?? known.complete;
  return { known: { v: said.v, documents, complete }, changed: [...changed], gap: false };
}

/** @param {Member} member */
function isFree({ counts }) {
  return !(counts.reading > 0) && !(counts.editing > 0);
}

/**
 * A member's presence lists at most five users, so it is complete only if they are all.
 *
 * @param {Member} member
 * @param {string | null} me
 */
function seen({ users, counts }, me) {
  const all = (counts.reading ?? 0) + (counts.editing ?? 0);
  const complete = users.length >= all;
  const said = { v: 0, full: true, users, left: [], counts, complete, lease: null };
  return view(putPresence(UNKNOWN, said).known, me);
}
