/** @typedef {import('./types.js').Json} Json */
export class DocHandle extends Handle {
    /**
     * @param {import('./seat.js').Seat} seat
     * @param {import('./types.js').Mode} mode
     */
    constructor(seat: import("./seat.js").Seat, mode: import("./types.js").Mode);
    get id(): string;
    get presence(): import("./types.js").Presence;
    /** @override */
    override known(): import("./types.js").Presence[] | null;
    /**
     * @param {{lease?: boolean, state?: Json}} [o]
     * @returns {Promise<{fence?: number}>}
     */
    edit({ lease, state }?: {
        lease?: boolean;
        state?: Json;
    }): Promise<{
        fence?: number;
    }>;
    /** @returns {Promise<void>} */
    read(): Promise<void>;
    /** @param {Json} state */
    setState(state: Json): void;
    /**
     * @param {string} type
     * @param {unknown} [data]
     * @param {{ephemeral?: boolean, id?: string}} [o]
     * @returns {Promise<{seq?: number}>}
     */
    send(type: string, data?: unknown, { ephemeral, id }?: {
        ephemeral?: boolean;
        id?: string;
    }): Promise<{
        seq?: number;
    }>;
    #private;
}
export type Json = import("./types.js").Json;
import { Handle } from "./handle.js";
