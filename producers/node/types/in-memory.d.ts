/** `memory://`: events go into a list, checked as they would be, and nowhere else. */
/** @typedef {import("./events.js").Event} Event */
/** Nobody is ever anywhere. */
export class MemoryLine {
    /** @type {Event[]} */
    events: Event[];
    /** @param {import("./events.js").Message[]} messages */
    send(messages: import("./events.js").Message[]): Promise<void>;
    /**
     * @param {string} document
     * @returns {Promise<import("./presence.js").Presence>}
     */
    presence(document: string): Promise<import("./presence.js").Presence>;
    close(): Promise<void>;
}
export type Event = import("./events.js").Event;
