/**
 * @param {any} page   a `window`
 * @param {import('./notify.js').Note} note
 */
export function toast(page: any, { title, body, url }: import("./notify.js").Note): void;
/**
 * A short message in the page, for where there is no notification.
 *
 * Accessible: a polite live region (`role="status"`), the title a real link, a button that closes
 * it, no time limit while the pointer or the focus is on it. All style has no specificity
 * (`:where`), so that an application's own `.presently-toast` wins.
 *
 * @module
 */
/** Long enough to read two lines and reach the link, in ms. */
export const SHOWN_MS: 12000;
/** Older toasts make room for newer ones. */
export const MOST: 4;
