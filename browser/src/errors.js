/**
 * What can go wrong, with the facts. One class, told apart by `code` as on the wire
 * (`schemas/errors.py`), because what a caller asks is always the same: may I try again?
 *
 * @module
 */

/**
 * `code` is one of the protocol's (`bad_frame` `unknown_type` `unauthorized` `expired` `forbidden`
 * `not_joined` `locked` `not_holder` `too_big` `limit` `invalid_event` `rate_limited`
 * `unavailable` `timeout`) or of this client's: `token` (no token could be had), `closed` (the
 * line has ended for good).
 */
export class PresentlyError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{temporary?: boolean, document?: string, by?: {id: string, name: string},
   *   event?: {id: string, type: string}, retryInMs?: number, closeCode?: number,
   *   cause?: unknown}} [facts]
   */
  constructor(code, message, facts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "PresentlyError";
    /** @readonly */
    this.code = code;
    /** Trying again may help. @readonly */
    this.temporary = facts.temporary ?? false;
    /** @readonly */
    this.document = facts.document;
    /** Who is in the way, for `locked`. @readonly */
    this.by = facts.by;
    /** The event that was to be sent; sending it again under this id is harmless. @readonly */
    this.event = facts.event;
    /** @readonly */
    this.retryInMs = facts.retryInMs;
    /** The WebSocket's close code, for `closed`. @readonly */
    this.closeCode = facts.closeCode;
  }
}

/**
 * @param {import('./frames.js').ErrorFrame} frame
 * @param {{event?: {id: string, type: string}, document?: string}} [about]
 */
export function fromFrame(frame, about = {}) {
  return new PresentlyError(frame.code, frame.message, {
    temporary: frame.temporary,
    document: frame.document ?? about.document,
    by: frame.by,
    event: about.event,
    retryInMs: frame.retry_in_ms,
  });
}
