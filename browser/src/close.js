/**
 * What to do after a close code. The hundred carries the advice, so that a page loaded last year
 * knows what to do with a code invented today. Pure. The codes: `schemas/close.py`.
 *
 * @module
 */

/**
 * `later`: back with full jitter, no sooner than `floor` ms. `now`: back at once, and resume.
 * `token`: ask for a new token once, then stop. `stop`: it would be refused again.
 *
 * @typedef {{do: 'later', floor: number} | {do: 'now'} | {do: 'token'} | {do: 'stop'}} Advice
 */

export const TOKEN_REFUSED = 4401;

/** Too many connections of one user; too many frames: each with the least wait, in ms. */
const FLOORS = new Map([
  [4009, 30_000],
  [4029, 10_000],
]);

/** RFC 6455 §7.4.1: protocol error, unacceptable data, inconsistent data, message too big. */
const STANDARD_STOP = new Set([1002, 1003, 1007, 1009]);

/**
 * @param {number} code
 * @returns {Advice}
 */
export function adviceFor(code) {
  if (code === TOKEN_REFUSED) return { do: "token" };
  if (STANDARD_STOP.has(code) || hundred(code) === 44) return { do: "stop" };
  if (hundred(code) === 41) return { do: "now" };
  // All else comes back: 1000, 1001, 1006, 1011 to 1013, 40xx, and codes nobody has named yet. A
  // page that gives up stays dead until it is reloaded; one that comes back costs one handshake.
  return { do: "later", floor: FLOORS.get(code) ?? 0 };
}

/** @param {number} code */
function hundred(code) {
  return Math.floor(code / 100);
}

/**
 * What a person reads when the line has ended for good.
 *
 * @param {number} code
 * @param {string} [reason]   the gateway's own words, which say what is wrong with this very token
 */
export function meaningOf(code, reason) {
  const meaning = MEANINGS.get(code) ?? `the gateway closed the connection with code ${code}`;
  return reason ? `${meaning}: ${reason}` : meaning;
}

const MEANINGS = new Map([
  [1009, "a frame was too big"],
  [4400, "the gateway could not read a frame"],
  [4401, "the gateway refused the token"],
  [4403, "the gateway ended this connection on purpose"],
  [4413, "a frame was too big"],
]);
