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
export function connect(url: string, o?: Options): Live;
export { color } from "./presence.js";
export { PresentlyError } from "./errors.js";
export { noteOf } from "./announcement.js";
export type Options = import("./types.js").Options;
export type Live = import("./types.js").Live;
export type Doc = import("./types.js").Doc;
export type Collection = import("./types.js").Collection;
export type Presence = import("./types.js").Presence;
export type User = import("./types.js").User;
export type Me = import("./types.js").Me;
export type LiveEvent = import("./types.js").LiveEvent;
export type ChangeEvent = import("./types.js").ChangeEvent;
export type Change = import("./types.js").Change;
export type Heard = import("./types.js").Heard;
export type Ask = import("./types.js").Ask;
export type Mode = import("./types.js").Mode;
export type Color = import("./types.js").Color;
export { documentId, slotOf } from "./ids.js";
export { notify, askToNotify } from "./notify.js";
