/**
 * What a page's own life means for the line.
 *
 * * `pagehide`: the page goes, maybe into the back/forward cache, where an open socket would be
 *   closed anyway. We close it ourselves and leave our connection's id for the next page.
 * * `pageshow` with `persisted`: back out of the cache, with all its state but no socket.
 * * visible again: timers were throttled and the network may have changed; ask whether the line
 *   lives instead of waiting for its silence.
 * * `offline`: the browser sees no network. An open socket may survive that, and the browser may be
 *   wrong (a gateway on the same machine), so the socket is kept, but the application is told.
 * * `online`: the network is back; ask whether the line lives, do not wait out the back-off.
 *
 * @module
 */

/** @typedef {import('./types.js').Page} Page */

/**
 * @param {Page | null} page
 * @param {{hidden: () => void, restored: () => void, visible: () => void, offline: () => void,
 *   online: () => void}} call
 * @returns {() => void} stops listening
 */
export function watchPage(page, call) {
  if (!page) return () => {};
  const shown = (/** @type {PageTransitionEvent} */ event) => event.persisted && call.restored();
  const seen = () => page.document?.visibilityState === "visible" && call.visible();
  page.addEventListener("pagehide", call.hidden);
  page.addEventListener("pageshow", shown);
  page.addEventListener("offline", call.offline);
  page.addEventListener("online", call.online);
  page.document?.addEventListener("visibilitychange", seen);
  return () => {
    page.removeEventListener("pagehide", call.hidden);
    page.removeEventListener("pageshow", shown);
    page.removeEventListener("offline", call.offline);
    page.removeEventListener("online", call.online);
    page.document?.removeEventListener("visibilitychange", seen);
  };
}
