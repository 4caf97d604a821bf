/**
 * Presently in a browser: who is here, and what just changed.
 *
 * Reading order: `live.js` (what an application holds) → `connection.js` → `socket.js` (the only
 * file with a WebSocket); `seat.js` → `document.js`, `presence.js`, `collection.js`. The cores
 * (`life.js`, `document.js`, `presence.js`, `collection.js`, `outbox.js`, `close.js`,
 * `backoff.js`, `ids.js`) are pure: they know no socket, timer or clock.
 *
 * @module
 */

import { LiveLine } from "./live.js";

export { documentId, slotOf } from "./ids.js";
export { color } from "./presence.js";
export { PresentlyError } from "./errors.js";
export { noteOf } from "./announcement.js";
export { notify, askToNotify } from "./notify.js";

/** @typedef {import('./types.js').Options} Options */
/** @typedef {import('./types.js').Live} Live */
/** @typedef {import('./types.js').Doc} Doc */
/** @typedef {import('./types.js').Collection} Collection */
/** @typedef {import('./types.js').Presence} Presence */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Me} Me */
/** @typedef {import('./types.js').LiveEvent} LiveEvent */
/** @typedef {import('./types.js').ChangeEvent} ChangeEvent */
/** @typedef {import('./types.js').Change} Change */
/** @typedef {import('./types.js').Heard} Heard */
/** @typedef {import('./types.js').Ask} Ask */
/** @typedef {import('./types.js').Mode} Mode */
/** @typedef {import('./types.js').Color} Color */

/**
 * Open a line to a gateway and keep it open until `close()`.
 *
 * Lost connections come back by themselves, with every seat and, where the gateway still has
 * them, the events missed. A line that the gateway ends for good tells `error` and is `closed`.
 *
 * @param {string} url   `wss://…` or `ws://…`
 * @param {Options} [o]
 * @returns {Live}
 */
export function connect(url, o = {}) {
  return new LiveLine(url, o);
}
