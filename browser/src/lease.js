/**
 * The sole right to edit, as the handles of one seat have it.
 *
 * @module
 */

/** @typedef {import('./handle.js').Handle} Handle */

/**
 * Nobody here has it any more.
 *
 * @param {Iterable<Handle>} handles
 * @param {string} lost   why
 */
export function tellLost(handles, lost) {
  for (const handle of handles) {
    handle.lease = false;
    handle.leased({ lost });
  }
}

/**
 * A lease belongs to a seat of the old socket: ask for it on this one. Its fence is another.
 *
 * @param {import('./seat.js').Seat} seat
 */
export async function askAgain(seat) {
  const holders = [...seat.handles].filter((handle) => handle.lease);
  if (holders.length === 0) return;
  try {
    const answer = await seat.update({ lease: true });
    for (const handle of holders) handle.leased({ fence: answer?.fence });
  } catch (error) {
    tellLost(seat.handles, /** @type {import('./errors.js').PresentlyError} */ (error).code);
  }
}
