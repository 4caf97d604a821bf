/**
 * @param {number} code
 * @returns {Advice}
 */
export function adviceFor(code: number): Advice;
/**
 * What a person reads when the line has ended for good.
 *
 * @param {number} code
 * @param {string} [reason]   the gateway's own words, which say what is wrong with this very token
 */
export function meaningOf(code: number, reason?: string): string;
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
export const TOKEN_REFUSED: 4401;
/**
 * `later`: back with full jitter, no sooner than `floor` ms. `now`: back at once, and resume.
 * `token`: ask for a new token once, then stop. `stop`: it would be refused again.
 */
export type Advice = {
    do: "later";
    floor: number;
} | {
    do: "now";
} | {
    do: "token";
} | {
    do: "stop";
};
