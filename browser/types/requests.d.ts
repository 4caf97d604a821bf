/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
/** @typedef {import('./frames.js').JoinedFrame | import('./frames.js').OkFrame} Answer */
/** @typedef {(error: PresentlyError | null, answer: Answer | null) => void} Done */
/** The gateway's own time-out is the same (`schemas/limits.py`). */
export const REQUEST_MS: 10000;
export class Requests {
    /**
     * @param {import('./types.js').Clock} clock
     * @param {() => number} random
     * @param {(text: string) => boolean} write
     */
    constructor(clock: import("./types.js").Clock, random: () => number, write: (text: string) => boolean);
    frameBytes: number;
    /**
     * @param {() => ClientFrame} make
     * @param {Done} done   called once, never from inside this call
     * @param {{document?: string, event?: {id: string, type: string}, once?: boolean,
     *   hold?: boolean}} [o]
     *   event: what is sent, for the error
     *   hold: the seat is not taken yet; written by `resume`
     */
    ask(make: () => ClientFrame, done: Done, { document, event, once, hold }?: {
        document?: string;
        event?: {
            id: string;
            type: string;
        };
        once?: boolean;
        hold?: boolean;
    }): void;
    /**
     * The same as a promise.
     *
     * @param {() => ClientFrame} make
     * @param {Parameters<Requests['ask']>[2]} o
     * @returns {Promise<any>}   the answer
     */
    asked(make: () => ClientFrame, o: Parameters<Requests["ask"]>[2]): Promise<any>;
    /**
     * @param {Answer | import('./frames.js').ErrorFrame} frame
     * @returns {boolean} false: nobody asked
     */
    answered(frame: Answer | import("./frames.js").ErrorFrame): boolean;
    /** The seat is taken: write what waited for it. @param {string} document */
    resume(document: string): void;
    /** The socket is gone. */
    lost(): void;
    /** For good. @param {PresentlyError} error */
    close(error: PresentlyError): void;
    #private;
}
export type ClientFrame = import("./frames.js").ClientFrame;
export type Answer = import("./frames.js").JoinedFrame | import("./frames.js").OkFrame;
export type Done = (error: PresentlyError | null, answer: Answer | null) => void;
import { PresentlyError } from "./errors.js";
