/**
 * @param {import('./frames.js').ErrorFrame} frame
 * @param {{event?: {id: string, type: string}, document?: string}} [about]
 */
export function fromFrame(frame: import("./frames.js").ErrorFrame, about?: {
    event?: {
        id: string;
        type: string;
    };
    document?: string;
}): PresentlyError;
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
    constructor(code: string, message: string, facts?: {
        temporary?: boolean;
        document?: string;
        by?: {
            id: string;
            name: string;
        };
        event?: {
            id: string;
            type: string;
        };
        retryInMs?: number;
        closeCode?: number;
        cause?: unknown;
    });
    /** @readonly */
    readonly code: string;
    /** Trying again may help. @readonly */
    readonly temporary: boolean;
    /** @readonly */
    readonly document: string | undefined;
    /** Who is in the way, for `locked`. @readonly */
    readonly by: {
        id: string;
        name: string;
    } | undefined;
    /** The event that was to be sent; sending it again under this id is harmless. @readonly */
    readonly event: {
        id: string;
        type: string;
    } | undefined;
    /** @readonly */
    readonly retryInMs: number | undefined;
    /** The WebSocket's close code, for `closed`. @readonly */
    readonly closeCode: number | undefined;
}
