/**
 * @param {Iterable<Wish>} wishes
 * @param {Json} state   the latest that any handle set
 * @returns {Wants}
 */
export function wantsOf(wishes: Iterable<Wish>, state: Json): Wants;
/**
 * What of `wants` the gateway does not know; null: nothing. A lease is given back so, and asked for
 * only in so many words.
 *
 * @param {Wants} told
 * @param {Wants} wants
 * @returns {Partial<Wants> | null}
 */
export function changes(told: Wants, wants: Wants): Partial<Wants> | null;
/** The gateway takes this many keys of one join (`schemas/limits.py`); above, we watch the list. */
export const KEYS_MOST: 200;
export type Mode = import("./types.js").Mode;
export type Json = import("./types.js").Json;
export type Wants = {
    mode: Mode;
    state: Json;
    keys: readonly string[] | undefined;
    lease: boolean;
};
/**
 * `keys` null: all of them
 */
export type Wish = {
    mode: Mode;
    keys?: ReadonlySet<string> | null;
    wantsLease?: boolean;
};
