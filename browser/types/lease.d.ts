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
export function fenceOf(handles: Iterable<Handle>): number | undefined;
/**
 * After a join, or when the hub gave the seat up although it is still here: ask for the lease
 * again. The same fence is no news.
 *
 * @param {import('./seat.js').Seat} seat
 */
export function askAgain(seat: import("./seat.js").Seat): Promise<void>;
/**
 * The gateway says that the lease is lost. `expired`: it was not heard of for too long; perhaps
 * nobody else has it by now.
 *
 * @param {import('./seat.js').Seat} seat
 * @param {import('./frames.js').LeaseFrame} frame
 */
export function heardLost(seat: import("./seat.js").Seat, { lost, fence }: import("./frames.js").LeaseFrame): void;
export type Handle = import("./handle.js").Handle;
export type PresentlyError = import("./errors.js").PresentlyError;
