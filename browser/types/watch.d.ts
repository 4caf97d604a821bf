/** @typedef {import('./types.js').Presence} Presence */
export class CollectionHandle extends Handle {
    /**
     * @param {import('./seat.js').Seat} seat
     * @param {string} name
     * @param {readonly string[] | undefined} keys   undefined: all documents
     */
    constructor(seat: import("./seat.js").Seat, name: string, keys: readonly string[] | undefined);
    name: string;
    /** @override @param {string} document */
    override watches: (document: string) => boolean;
    get documents(): ReadonlyMap<string, import("./types.js").Presence>;
    get complete(): boolean;
    /** @override */
    override known(): (string[] | ReadonlyMap<string, import("./types.js").Presence>)[] | null;
    /** @param {string} document @returns {import('./types.js').Color} */
    color(document: string): import("./types.js").Color;
    #private;
}
export type Presence = import("./types.js").Presence;
import { Handle } from "./handle.js";
