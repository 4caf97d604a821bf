/** A publisher that remembers: hand it to your code, then look at `events`. */
export class MemoryPublisher extends Publisher {
    /** @param {string} [source] */
    constructor(source?: string);
    /** @type {readonly import("./events.js").Event[]} */
    events: readonly import("./events.js").Event[];
}
import { Publisher } from "./publisher.js";
