export type PresentlyError = import("./errors.js").PresentlyError;
export type ClientFrame = import("./frames.js").ClientFrame;
export type EventFrame = import("./frames.js").EventFrame;
export type Handle = import("./handle.js").Handle;
/**
 * What a seat needs of the line.
 */
export type Wire = {
    clock: import("./types.js").Clock;
    random: () => number;
    online: () => boolean;
    me: () => string | null;
    requests: import("./requests.js").Requests;
    /**
     * said once, unanswered
     */
    tell: (frame: ClientFrame) => void;
    /**
     *   to these handles and to those that watch the document's collection
     */
    deliver: (frame: EventFrame, handles: Iterable<Handle>) => void;
    /**
     *   get a token with which a refused document may be joined; false: there is none
     */
    pardon: (document: string) => Promise<boolean>;
    error: (error: PresentlyError) => void;
    /**
     * the last handle left
     */
    gone: (seat: import("./seat.js").Seat) => void;
};
