/**
 * Put what the gateway said onto what is known.
 *
 * @param {Known} known
 * @param {SummaryBody} said
 * @param {string | null} me
 * @returns {{known: Known, changed: string[], gap: boolean}}
 *   changed: ids of the documents that came, changed or became free
 */
export function put(known: Known, said: SummaryBody, me: string | null): {
    known: Known;
    changed: string[];
    gap: boolean;
};
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
export const NOTHING: Known;
export type Presence = import("./types.js").Presence;
export type SummaryBody = import("./frames.js").SummaryBody;
export type Member = import("./frames.js").Member;
export type Known = {
    v: number | null;
    documents: ReadonlyMap<string, Presence>;
    /**
     * false: more documents are busy than are listed
     */
    complete: boolean;
};
