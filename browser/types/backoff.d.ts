/**
 * @param {number} attempt   0 for the first try after a connection that worked
 * @param {number} random    0 ≤ random < 1
 * @param {number} [floor]   ms that must pass in any case
 * @returns {number}         ms
 */
export function delayFor(attempt: number, random: number, floor?: number): number;
/**
 * A random moment of a window that the gateway gave, in ms.
 *
 * @param {readonly [number, number] | undefined} window
 * @param {number} random
 * @returns {number}
 */
export function within(window: readonly [number, number] | undefined, random: number): number;
/**
 * How long to wait before the next try: full jitter, so that thousands of pages that lost one
 * gateway in the same moment do not come back in the same moment. Pure.
 *
 * Source of the rule: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @module
 */
/** The first wait is at most this, in ms: back within a second, as a reader barely notices. */
export const BASE_MS: 500;
/** No wait is longer than this and its floor, in ms. */
export const CAP_MS: 20000;
