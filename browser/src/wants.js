/**
 * What all handles of a seat together want of the gateway. Pure.
 *
 * @module
 */

/** @typedef {import('./types.js').Mode} Mode */
/** @typedef {import('./types.js').Json} Json */

/** @typedef {{mode: Mode, state: Json, keys: readonly string[] | undefined, lease: boolean}} Wants */
/**
 * `keys` null: all of them
 * @typedef {{mode: Mode, keys?: ReadonlySet<string> | null, wantsLease?: boolean}} Wish
 */

/** Weakest first. */
const STRENGTH = Object.freeze(/** @type {const} */ (["watching", "reading", "editing"]));

/** The gateway takes this many keys of one join (`schemas/limits.py`); above, we watch the list. */
export const KEYS_MOST = 200;

/**
 * @param {Iterable<Wish>} wishes
 * @param {Json} state   the latest that any handle set
 * @returns {Wants}
 */
export function wantsOf(wishes, state) {
  const all = [...wishes];
  const strongest = Math.max(0, ...all.map(({ mode }) => STRENGTH.indexOf(mode)));
  const lease = all.some(({ wantsLease }) => wantsLease);
  return { mode: STRENGTH[strongest] ?? "watching", state, keys: keysOf(all), lease };
}

/**
 * The keys that at least one handle wants; undefined: all.
 *
 * @param {Wish[]} wishes
 */
function keysOf(wishes) {
  const lists = wishes.flatMap(({ keys }) => (keys === undefined ? [] : [keys]));
  const keys = new Set(lists.flatMap((list) => [...(list ?? [])]));
  const some = lists.length > 0 && lists.every((list) => list !== null) && keys.size <= KEYS_MOST;
  return some ? [...keys].sort() : undefined;
}

/**
 * What of `wants` the gateway does not know; null: nothing. A lease is given back so, and asked for
 * only in so many words.
 *
 * @param {Wants} told
 * @param {Wants} wants
 * @returns {Partial<Wants> | null}
 */
export function changes(told, wants) {
  /** @type {Partial<Wants>} */
  const fields = {};
  if (told.mode !== wants.mode) fields.mode = wants.mode;
  if (!same(told.state, wants.state)) fields.state = wants.state;
  if (!same(told.keys, wants.keys)) fields.keys = wants.keys;
  if (told.lease && !wants.lease) fields.lease = false;
  return Object.keys(fields).length > 0 ? fields : null;
}

/** As the wire sees them. @param {unknown} a @param {unknown} b */
function same(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
