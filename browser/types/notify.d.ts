/**
 * Show `note`, whose click opens `note.url` (http or https); of an announcement, if none is given, the text in the
 * page's language.
 *
 * With a service worker its registration shows the notification (phones allow no other way), and
 * the click is the worker's to handle: `event.notification.data.url` has the address.
 *
 * @param {Whoever} live
 * @param {import('./types.js').LiveEvent} event
 * @param {Note | null} [note]
 * @param {any} [page]   for tests; the global object by default
 * @returns {Promise<'notification' | 'toast' | 'nothing'>}
 *   nothing: it is one's own act, or was shown before, or says nothing
 */
export function notify(live: Whoever, event: import("./types.js").LiveEvent, note?: Note | null, page?: any): Promise<"notification" | "toast" | "nothing">;
/**
 * Ask whether notifications may be shown. Call it from a click: browsers refuse, some for good,
 * what is asked without one.
 *
 * @param {any} [page]   for tests; the global object by default
 * @returns {Promise<'granted' | 'denied'>}   denied: `notify` shows toasts
 */
export function askToNotify(page?: any): Promise<"granted" | "denied">;
export type Note = import("./announcement.js").Note;
/**
 * a `Live`, or anything that knows who I am
 */
export type Whoever = {
    user: {
        id: string;
    } | null;
};
