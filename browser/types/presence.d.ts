/**
 * Put what the gateway said onto what is known.
 *
 * @param {Known} known
 * @param {PresenceBody} said
 * @returns {{known: Known, changed: boolean, gap: boolean}}
 *   gap: a change is missing between the two; `known` is as it was, ask for the whole
 */
export function put(known: Known, said: PresenceBody): {
    known: Known;
    changed: boolean;
    gap: boolean;
};
/**
 * Green: nobody. Yellow: somebody reads. Red: somebody edits.
 *
 * @param {Counts} counts
 * @returns {Color}
 */
export function color(counts: Counts): Color;
/**
 * What an application sees.
 *
 * @param {Known} known
 * @param {string | null} me   the id of the user that `others` and `color` leave out
 * @returns {Presence}
 */
export function view(known: Known, me: string | null): Presence;
/** @type {Known} */
export const UNKNOWN: Known;
export type Presence = import("./types.js").Presence;
export type User = import("./types.js").User;
export type Counts = import("./types.js").Counts;
export type Color = import("./types.js").Color;
export type PresenceBody = import("./frames.js").PresenceBody;
export type Known = {
    /**
     * null: nothing is known on this socket yet
     */
    v: number | null;
    /**
     * in the order they came, so that names stay put
     */
    users: ReadonlyMap<string, User>;
    counts: Counts;
    complete: boolean;
    lease: import("./types.js").Lease | null;
};
