/** @typedef {import('./frames.js').EventFrame} EventFrame */
/** @typedef {import('./frames.js').OkFrame} OkFrame */
/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
/** @typedef {import('./errors.js').PresentlyError} PresentlyError */
/** @typedef {(error: PresentlyError | null, answer: any) => void} Done */
/** @typedef {import('./types.js').Json} Json */
/** @typedef {import('./wire.js').Wire} Wire */
export class Seat {
    /**
     * @param {string} document
     * @param {Wire} wire
     */
    constructor(document: string, wire: Wire);
    /** @type {'joining' | 'live' | 'stale' | 'refused'} */
    status: "joining" | "live" | "stale" | "refused";
    copy: Copy;
    /** @type {Set<import('./handle.js').Handle>} */
    handles: Set<import("./handle.js").Handle>;
    document: string;
    wire: import("./wire.js").Wire;
    /** @param {import('./handle.js').Handle} handle */
    add(handle: import("./handle.js").Handle): void;
    /** @param {import('./handle.js').Handle} handle */
    remove(handle: import("./handle.js").Handle): void;
    /** The line is up, on a new socket. */
    online(): void;
    /** The line is down. */
    offline(): void;
    /** @param {Json} state */
    setState(state: Json): void;
    /**
     * Tell the gateway what the handles want by now.
     *
     * @param {{lease?: boolean, state?: Json}} change
     * @returns {Promise<OkFrame | null>} null: it knew
     */
    update({ lease, state }: {
        lease?: boolean;
        state?: Json;
    }): Promise<OkFrame | null>;
    /**
     * @param {import('../types/contract.js').SentEvent & {id: string}} event
     * @param {boolean} ephemeral
     * @returns {Promise<OkFrame | null>} null: ephemeral, and the line is away
     */
    send(event: import("../types/contract.js").SentEvent & {
        id: string;
    }, ephemeral: boolean): Promise<OkFrame | null>;
    /** Tell what changed, if anything did. One update at a time, so that the latest wins. */
    reconcile(): void;
    /** @param {EventFrame} frame @returns {boolean} whether the handles should have it */
    heard(frame: EventFrame): boolean;
    /** @param {import('./frames.js').PresenceFrame | import('./frames.js').SummaryFrame} frame */
    heardPeople(frame: import("./frames.js").PresenceFrame | import("./frames.js").SummaryFrame): void;
    /** @param {import('./frames.js').ResetFrame} frame */
    heardReset({ epoch, seq }: import("./frames.js").ResetFrame): void;
    /** @param {import('./frames.js').LeaseFrame} frame */
    heardLease(frame: import("./frames.js").LeaseFrame): void;
    /** The gateway ended the seat, or could not keep it. @param {PresentlyError} error */
    heardEnd(error: PresentlyError): void;
    #private;
}
export type EventFrame = import("./frames.js").EventFrame;
export type OkFrame = import("./frames.js").OkFrame;
export type ClientFrame = import("./frames.js").ClientFrame;
export type PresentlyError = import("./errors.js").PresentlyError;
export type Done = (error: PresentlyError | null, answer: any) => void;
export type Json = import("./types.js").Json;
export type Wire = import("./wire.js").Wire;
import { Copy } from "./copy.js";
