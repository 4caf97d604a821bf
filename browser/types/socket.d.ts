/**
 * @param {any} WebSocket   the constructor
 * @param {string} url
 * @param {{opened: () => void, frame: (frame: import('./frames.js').GatewayFrame) => void,
 *   closed: (code: number, reason: string) => void}} hear
 * @returns {Socket}
 * @throws {DOMException} the browser will never open this address, e.g. `ws:` from an `https:` page
 */
export function openSocket(WebSocket: any, url: string, hear: {
    opened: () => void;
    frame: (frame: import("./frames.js").GatewayFrame) => void;
    closed: (code: number, reason: string) => void;
}): Socket;
/**
 * @typedef {object} Socket
 * @property {(text: string) => boolean} send   false: it is not open
 * @property {() => void} drop                  close it and hear nothing more of it
 */
/** The browser's own word for a connection that ended without a close frame (RFC 6455 §7.4.1). */
export const ABNORMAL: 1006;
export type Socket = {
    /**
     * false: it is not open
     */
    send: (text: string) => boolean;
    /**
     * close it and hear nothing more of it
     */
    drop: () => void;
};
