/**
 * One WebSocket. The only file that knows one.
 *
 * @module
 */

import { SUBPROTOCOL, readFrame } from "./frames.js";

/**
 * @typedef {object} Socket
 * @property {(text: string) => boolean} send   false: it is not open
 * @property {() => void} drop                  close it and hear nothing more of it
 */

/** The browser's own word for a connection that ended without a close frame (RFC 6455 §7.4.1). */
export const ABNORMAL = 1006;

/**
 * @param {any} WebSocket   the constructor
 * @param {string} url
 * @param {{opened: () => void, frame: (frame: import('./frames.js').GatewayFrame) => void,
 *   closed: (code: number, reason: string) => void}} hear
 * @returns {Socket}
 * @throws {DOMException} the browser will never open this address, e.g. `ws:` from an `https:` page
 */
export function openSocket(WebSocket, url, hear) {
  const socket = new WebSocket(url, [SUBPROTOCOL]);
  let dropped = false;
  socket.onopen = () => dropped || hear.opened();
  socket.onmessage = (/** @type {MessageEvent} */ { data }) => {
    const frame = dropped ? null : readFrame(data);
    if (frame) hear.frame(frame);
  };
  // An `error` is always followed by a `close`, and says nothing that `close` does not.
  socket.onclose = (/** @type {CloseEvent} */ { code, reason }) =>
    dropped || hear.closed(code || ABNORMAL, reason);
  return {
    send(text) {
      if (dropped || socket.readyState !== 1) return false;
      socket.send(text);
      return true;
    },
    drop() {
      dropped = true;
      // Scripts may only say 1000 or 3000 and above; the gateway keeps the seats for its short
      // grace then, long enough for the next page to take them over.
      socket.close(1000);
    },
  };
}
