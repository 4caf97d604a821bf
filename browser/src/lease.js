/**
 * The sole right to edit, as the handles of one seat have it. The handles that hold it have the
 * fence; one that was granted after they wanted it no more is given back by `reconcile`.
 *
 * @module
 */

/** @typedef {import('./handle.js').Handle} Handle */
/** @typedef {import('./errors.js').PresentlyError} PresentlyError */

/**
 * What the seat holds, for its next socket: the lease goes on there.
 *
 * @param {Iterable<Handle>} handles
 * @returns {number | undefined}
 */
export function fenceOf(handles) {
  return holdersOf(handles)[0]?.fence ?? undefined;
}

/**
 * After a join, or when the hub gave the seat up although it is still here: ask for the lease
 * again. The same fence is no news.
 *
 * @param {import('./seat.js').Seat} seat
 */
export async function askAgain(seat) {
  const holders = holdersOf(seat.handles);
  if (holders.length === 0) return;
  try {
    const answer = await seat.update({ lease: true });
    const fence = answer?.fence;
    if (fence === undefined) return; // Given back meanwhile.
    for (const handle of holders) {
      if (!handle.wantsLease || handle.fence === fence) continue;
      handle.fence = fence;
      handle.leased({ fence });
    }
  } catch (error) {
    const { code, by } = /** @type {PresentlyError} */ (error);
    tellLost(seat, holders, by ? { lost: code, by } : { lost: code });
  }
}

/**
 * The gateway says that the lease is lost. `expired`: it was not heard of for too long; perhaps
 * nobody else has it by now.
 *
 * @param {import('./seat.js').Seat} seat
 * @param {import('./frames.js').LeaseFrame} frame
 */
export function heardLost(seat, { lost, fence }) {
  const holders = holdersOf(seat.handles);
  const ours = holders.filter((handle) => fence === undefined || handle.fence === fence);
  if (lost !== "expired") tellLost(seat, ours, { lost });
  else if (ours.length > 0 && seat.status === "live") askAgain(seat);
}

/**
 * Who edited under the lease is a reader again.
 *
 * @param {import('./seat.js').Seat} seat
 * @param {Handle[]} holders
 * @param {import('./types.js').LeaseNews} news
 */
function tellLost(seat, holders, news) {
  for (const handle of holders) {
    handle.fence = null;
    handle.wantsLease = false;
    if (handle.mode === "editing") handle.mode = "reading";
    handle.leased(news);
  }
  seat.reconcile();
}

/** @param {Iterable<Handle>} handles */
function holdersOf(handles) {
  return [...handles].filter(({ fence }) => fence !== null);
}
