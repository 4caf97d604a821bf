/**
 * The gateway's frames as types (`schemas/frames.py`), and the one place that reads their JSON.
 * Unknown fields and unknown types are let through: an older page meets a newer gateway.
 *
 * @module
 */

/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Counts} Counts */
/** @typedef {import('./types.js').LiveEvent} LiveEvent */

/** @typedef {{v: number, full: boolean, users: User[], left: string[], counts: Counts,
 *   complete: boolean, lease: {user: string, fence: number} | null}} PresenceBody */
/** @typedef {{document: string, users: User[], counts: Counts}} Member */
/** @typedef {{v: number, full: boolean, complete?: boolean, documents: Member[]}} SummaryBody */

/** @typedef {{type: 'welcome', id?: string, connection: string, user: import('./types.js').Me,
 *   ping_ms: number, expires_in_ms?: number,
 *   limits?: {frame_bytes?: number, data_bytes?: number, documents?: number}}} WelcomeFrame */
/** @typedef {{type: 'event', document: string, seq?: number, event: LiveEvent}} EventFrame */
/** @typedef {{type: 'joined', id?: string, document: string, epoch?: string, seq?: number,
 *   recovered?: boolean, events?: EventFrame[], presence?: PresenceBody,
 *   summary?: SummaryBody}} JoinedFrame */
/** @typedef {{type: 'presence', document: string} & PresenceBody} PresenceFrame */
/** @typedef {{type: 'summary', document: string} & SummaryBody} SummaryFrame */
/** @typedef {{type: 'lease', document: string, lost: string, fence?: number}} LeaseFrame */
/** @typedef {{type: 'reset', document: string, epoch: string, seq: number}} ResetFrame */
/** @typedef {{type: 'ok', id?: string, fence?: number, seq?: number,
 *   expires_in_ms?: number}} OkFrame */
/** @typedef {{type: 'error', id?: string, document?: string, code: string, message: string,
 *   temporary: boolean, retry_in_ms?: number, by?: {id: string, name: string}}} ErrorFrame */
/** @typedef {{type: 'drain', reconnect_in_ms: [number, number]}} DrainFrame */
/** @typedef {{type: 'ping'}} PingFrame */

/** @typedef {WelcomeFrame | EventFrame | JoinedFrame | PresenceFrame | SummaryFrame | LeaseFrame
 *   | ResetFrame | OkFrame | ErrorFrame | DrainFrame | PingFrame} GatewayFrame */

/** @typedef {{type: string, id?: string, document?: string, [field: string]: unknown}}
 *   ClientFrame */

export const SUBPROTOCOL = "presently.v1.json";

/**
 * @param {unknown} text
 * @returns {GatewayFrame | null}   null: no frame of ours
 */
export function readFrame(text) {
  if (typeof text !== "string") return null;
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  return frame !== null && typeof frame === "object" && typeof frame.type === "string"
    ? frame
    : null;
}

/**
 * The length of `text` in UTF-8. Only counted when it could matter: a UTF-16 unit is at most
 * three bytes.
 *
 * @param {string} text
 * @param {number} most
 */
export function passes(text, most) {
  return text.length * 3 <= most || new TextEncoder().encode(text).length <= most;
}
