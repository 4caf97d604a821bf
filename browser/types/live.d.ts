/** @typedef {import('./types.js').Options} Options */
/** @typedef {import('./handle.js').Handle} Handle */
/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
export class LiveLine {
    /**
     * @param {string} url
     * @param {Options} o
     */
    constructor(url: string, o: Options);
    /** @type {import('./types.js').Me | null} */
    user: import("./types.js").Me | null;
    get state(): import("./types.js").LiveState;
    get connection(): string | null;
    /**
     * @param {string} document
     * @param {{mode?: import('./types.js').Mode, state?: import('./types.js').Json}} [o]
     */
    join(document: string, { mode, state }?: {
        mode?: import("./types.js").Mode;
        state?: import("./types.js").Json;
    }): DocHandle;
    /**
     * @param {string} name
     * @param {{keys?: readonly string[]}} [o]
     */
    collection(name: string, { keys }?: {
        keys?: readonly string[];
    }): CollectionHandle;
    /**
     * @param {string} type
     * @param {(...args: any[]) => void} call
     */
    on(type: string, call: (...args: any[]) => void): () => void;
    close(): void;
    #private;
}
export type Options = import("./types.js").Options;
export type Handle = import("./handle.js").Handle;
export type ClientFrame = import("./frames.js").ClientFrame;
import { DocHandle } from "./doc.js";
import { CollectionHandle } from "./watch.js";
