/** @typedef {import('./frames.js').JoinedFrame} JoinedFrame */
/** @typedef {import('./frames.js').PresenceBody} PresenceBody */
/** @typedef {import('./frames.js').SummaryBody} SummaryBody */
export class Copy {
    /** @param {string} document */
    constructor(document: string);
    /** What applications see; the same object until it changes. */
    presence: import("./types.js").Presence;
    list: import("./collection.js").Known;
    /** @type {import('./document.js').Position} */
    at: import("./document.js").Position;
    /** Whether anything was ever said of who is here. */
    get known(): boolean;
    /** What to resume after. A list is never resumed event by event. */
    get since(): {
        readonly epoch: string;
        readonly seq: number;
    } | undefined;
    /**
     * The answer to a join.
     *
     * @param {JoinedFrame} joined
     * @param {string | null} me
     * @param {boolean} anew   the first on this socket; a list asked for more keys missed nothing
     */
    joined(joined: JoinedFrame, me: string | null, anew: boolean): {
        changed: string[];
        events: import("../types/contract.js").EventFrame[];
        reload: boolean;
    };
    /**
     * Presence and summary as far as `answer` has them.
     *
     * @param {{presence?: PresenceBody, summary?: SummaryBody}} answer
     * @param {string | null} me
     * @returns {{changed: string[]}} documents of the list
     */
    whole({ presence, summary }: {
        presence?: PresenceBody;
        summary?: SummaryBody;
    }, me: string | null): {
        changed: string[];
    };
    /**
     * A change of either, or the whole of it.
     *
     * @param {import('./frames.js').PresenceFrame | import('./frames.js').SummaryFrame} frame
     * @param {string | null} me
     * @returns {{presence: boolean, changed: string[], gap: boolean}}
     */
    put(frame: import("./frames.js").PresenceFrame | import("./frames.js").SummaryFrame, me: string | null): {
        presence: boolean;
        changed: string[];
        gap: boolean;
    };
    /** Whether to deliver an event. @param {number | undefined} seq */
    event(seq: number | undefined): "gap" | "drop" | "deliver";
    /** The document's numbers begin anew. @param {string} epoch @param {number} seq */
    reset(epoch: string, seq: number): void;
    #private;
}
export type JoinedFrame = import("./frames.js").JoinedFrame;
export type PresenceBody = import("./frames.js").PresenceBody;
export type SummaryBody = import("./frames.js").SummaryBody;
