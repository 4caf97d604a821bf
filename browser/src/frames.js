/**
 * The frames as types, generated from `schemas/`, and the one place that reads their JSON.
 * Unknown fields and unknown types are let through: an older page meets a newer gateway.
 *
 * @module
 */

/** @typedef {import('../types/contract.js').GatewayFrame} GatewayFrame */
/** @typedef {import('../types/contract.js').ClientFrame} ClientFrame */
/** @typedef {import('../types/contract.js').JoinFrame} JoinFrame */
/** @typedef {import('../types/contract.js').UpdateFrame} UpdateFrame */
/** @typedef {import('../types/contract.js').SendFrame} SendFrame */
/** @typedef {import('../types/contract.js').Presence} PresenceBody */
/** @typedef {import('../types/contract.js').Summary} SummaryBody */
/** @typedef {import('../types/contract.js').DocumentSummary} Member */
/** @typedef {import('../types/contract.js').WelcomeFrame} WelcomeFrame */
/** @typedef {import('../types/contract.js').EventFrame} EventFrame */
/** @typedef {import('../types/contract.js').JoinedFrame} JoinedFrame */
/** @typedef {import('../types/contract.js').PresenceFrame} PresenceFrame */
/** @typedef {import('../types/contract.js').SummaryFrame} SummaryFrame */
/** @typedef {import('../types/contract.js').LeaseFrame} LeaseFrame */
/** @typedef {import('../types/contract.js').ResetFrame} ResetFrame */
/** @typedef {import('../types/contract.js').OkFrame} OkFrame */
/** @typedef {import('../types/contract.js').ErrorFrame} ErrorFrame */

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
