/**
 * The seam between a seat and the line. Types only.
 *
 * @module
 */

/** @typedef {import('./errors.js').PresentlyError} PresentlyError */
/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
/** @typedef {import('./frames.js').EventFrame} EventFrame */
/** @typedef {import('./handle.js').Handle} Handle */

/**
 * What a seat needs of the line.
 *
 * @typedef {object} Wire
 * @property {import('./types.js').Clock} clock
 * @property {() => number} random
 * @property {() => boolean} online
 * @property {() => string | null} me
 * @property {import('./requests.js').Requests} requests
 * @property {(frame: ClientFrame) => void} tell             said once, unanswered
 * @property {(frame: EventFrame, handles: Iterable<Handle>) => void} deliver
 *   to these handles and to those that watch the document's collection
 * @property {(document: string) => Promise<boolean>} pardon
 *   get a token with which a refused document may be joined; false: there is none
 * @property {(error: PresentlyError) => void} error
 * @property {(seat: import('./seat.js').Seat) => void} gone   the last handle left
 */

export {};
