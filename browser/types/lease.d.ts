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
export function tellLost(handles: Iterable<Handle>, lost: string): void;
/**
 * A lease belongs to a seat of the old socket: ask for it on this one. Its fence is another.
 *
 * @param {import('./seat.js').Seat} seat
 */
export function askAgain(seat: import("./seat.js").Seat): Promise<void>;
export type Handle = import("./handle.js").Handle;
