/** @param {unknown} error @returns {string} */
export function words(error: unknown): string;
/** What can go wrong, split by whose fault it is and whether trying again helps. */
/** Root of the tree. Thrown itself when Presently refuses us: a wrong address, key or right. */
export class PresentlyError extends Error {
    /** @param {string} message */
    constructor(message: string);
}
/** The caller's fault: this is no event, and was not sent. Trying again does not help. */
export class InvalidEvent extends PresentlyError {
    /**
     * @param {string} at Path of the first fault, such as `data.op`; empty for the whole.
     * @param {string} why
     */
    constructor(at: string, why: string);
    at: string;
    why: string;
}
/** The world's fault. Whether the event was taken is unknown: publish it again under `id`. */
export class Unavailable extends PresentlyError {
    /**
     * @param {string} why
     * @param {string} [id] The event's id; empty if it was not about an event.
     */
    constructor(why: string, id?: string);
    why: string;
    id: string;
}
