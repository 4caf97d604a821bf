/**
 * Tell the user of an event, wherever the browser lets us: the system's notification if it is
 * granted, else a toast in the page. Not for one's own acts, and once per event.
 *
 * @module
 */

import { harmless, noteOf } from "./announcement.js";
import { Seen } from "./seen.js";
import { toast } from "./toast.js";

/** @typedef {import('./announcement.js').Note} Note */
/** @typedef {{user: {id: string} | null}} Whoever   a `Live`, or anything that knows who I am */

const seen = new Seen(1_000);

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
export async function notify(live, event, note, page = globalThis) {
  note ??= noteOf(event, undefined, page);
  if (!note) return "nothing";
  note = { ...note, url: harmless(note.url, page) }; // an event may have said it, and anybody sends
  const own = event.actor !== undefined && event.actor === live.user?.id;
  if (own || !seen.add(JSON.stringify([event.source, event.id]))) return "nothing";
  if (page.Notification?.permission === "granted") {
    if ((await byWorker(event, note, page)) || byPage(event, note, page)) return "notification";
  }
  if (page.document) toast(page, note);
  return page.document ? "toast" : "nothing";
}

/**
 * Ask whether notifications may be shown. Call it from a click: browsers refuse, some for good,
 * what is asked without one.
 *
 * @param {any} [page]   for tests; the global object by default
 * @returns {Promise<'granted' | 'denied'>}   denied: `notify` shows toasts
 */
export async function askToNotify(page = globalThis) {
  const answer = await page.Notification?.requestPermission?.();
  return answer === "granted" ? "granted" : "denied";
}

/**
 * @param {import('./types.js').LiveEvent} event
 * @param {Note} note
 */
function optionsOf(event, { body, icon, url }) {
  // The tag: two tabs of one user show one notification.
  return { body, icon, tag: event.id, data: { url } };
}

/**
 * @param {import('./types.js').LiveEvent} event
 * @param {Note} note
 * @param {any} page
 */
async function byWorker(event, note, page) {
  try {
    const registration = await page.navigator?.serviceWorker?.getRegistration();
    if (!registration?.active) return false;
    await registration.showNotification(note.title, optionsOf(event, note));
    return true;
  } catch {
    return false; // A worker being replaced, or storage forbidden: there are other ways.
  }
}

/**
 * @param {import('./types.js').LiveEvent} event
 * @param {Note} note
 * @param {any} page
 */
function byPage(event, note, page) {
  try {
    const shown = new page.Notification(note.title, optionsOf(event, note));
    shown.onclick = () => {
      shown.close();
      page.focus();
      // A tab of its own: the present one may hold a form half filled in.
      if (note.url !== undefined) page.open(note.url, "_blank", "noopener");
    };
    return true;
  } catch {
    return false; // Mobile browsers have the constructor and throw a TypeError from it.
  }
}
