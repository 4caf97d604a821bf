/**
 * Who is at one document: the whole, changes put onto it, and what an application sees of it.
 * Pure. A state is never changed in place, so `view` gives the same object until something moved.
 *
 * @module
 */

/** @typedef {import('./types.js').Presence} Presence */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Counts} Counts */
/** @typedef {import('./types.js').Color} Color */
/** @typedef {import('./frames.js').PresenceBody} PresenceBody */

/**
 * @typedef {object} Known
 * @property {number | null} v                   null: nothing is known on this socket yet
 * @property {ReadonlyMap<string, User>} users   in the order they came, so that names stay put
 * @property {Counts} counts
 * @property {boolean} complete
 * @property {import('./types.js').Lease | null} lease
 */

const NOBODY = Object.freeze({ reading: 0, editing: 0 });

/** @type {Known} */
export const UNKNOWN = Object.freeze({
  v: null,
  users: new Map(),
  counts: NOBODY,
  complete: false,
  lease: null,
});

/**
 * Put what the gateway said onto what is known.
 *
 * @param {Known} known
 * @param {PresenceBody} said
 * @returns {{known: Known, changed: boolean, gap: boolean}}
 *   gap: a change is missing between the two; `known` is as it was, ask for the whole
 */
export function put(known, said) {
  if (!said.full) {
    if (known.v === null || said.v > known.v + 1) return { known, changed: false, gap: true };
    if (said.v <= known.v) return { known, changed: false, gap: false };
  }
  const users = said.full ? new Map() : new Map(known.users);
  for (const id of said.left ?? []) users.delete(id);
  for (const user of said.users) users.set(user.id, whole(user));
  const next = {
    v: said.v,
    users,
    counts: Object.freeze({ ...NOBODY, ...said.counts }),
    complete: said.complete ?? true,
    lease: said.lease ?? null,
  };
  // The whole told again, after a reconnect or a probe, is mostly what was known.
  return { known: next, changed: known.v === null || !same(known, next), gap: false };
}

/** @param {Known} a @param {Known} b */
function same(a, b) {
  const text = (/** @type {Known} */ { users, counts, complete, lease }) =>
    JSON.stringify([[...users.values()], counts, complete, lease]);
  return text(a) === text(b);
}

/** Every field is there, whatever an older or terser gateway left out. @param {User} user */
function whole(user) {
  const { id, name = id, info = {}, mode = "reading", state = {} } = user;
  return Object.freeze({ id, name, info, mode, state });
}

/**
 * Green: nobody. Yellow: somebody reads. Red: somebody edits.
 *
 * @param {Counts} counts
 * @returns {Color}
 */
export function color(counts) {
  if (counts.editing > 0) return "red";
  return counts.reading > 0 ? "yellow" : "green";
}

/**
 * How many there are without me. Who is not listed is either not here or one of very many, and
 * then those who are listed give the colour.
 *
 * @param {Known} known
 * @param {string | null} me
 * @returns {Counts}
 */
function without({ users, counts }, me) {
  const mine = me === null ? undefined : users.get(me)?.mode;
  return {
    reading: counts.reading - (mine === "reading" ? 1 : 0),
    editing: counts.editing - (mine === "editing" ? 1 : 0),
  };
}

/**
 * What an application sees.
 *
 * @param {Known} known
 * @param {string | null} me   the id of the user that `others` and `color` leave out
 * @returns {Presence}
 */
export function view(known, me) {
  const users = Object.freeze([...known.users.values()]);
  return Object.freeze({
    users,
    others: Object.freeze(users.filter((user) => user.id !== me)),
    counts: known.counts,
    complete: known.complete,
    color: color(without(known, me)),
    lease: known.lease,
  });
}
