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
  /** @type {Map<string, Presence>} */
  const documents = new Map(said.full ? [] : known.documents);
  for (const member of said.documents) {
    if (isFree(member)) documents.delete(member.document);
    else documents.set(member.document, seen(member, me, known.documents.get(member.document)));
  }
  const touched = new Set(said.full ? known.documents.keys() : []);
  for (const { document } of said.documents) touched.add(document);
  const changed = [...touched].filter((one) => documents.get(one) !== known.documents.get(one));
  const complete = said.complete ?? known.complete;
  const now = changed.length > 0 ? documents : known.documents;
  return { known: { v: said.v, documents: now, complete }, changed, gap: false };
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
 * @param {Presence | undefined} before   returned again if nothing changed
 * @returns {Presence}
 */
function seen({ users, counts }, me, before) {
  const all = (counts.reading ?? 0) + (counts.editing ?? 0);
  const complete = users.length >= all;
  const said = { v: 0, full: true, users, left: [], counts, complete, lease: null };
  const now = view(putPresence(UNKNOWN, said).known, me);
  return before && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}
