/** @typedef {import('./types.js').LiveEvent} LiveEvent */
/** @typedef {import('./types.js').Heard} Heard */
/**
 * An event on its way to the handles that should hear it. When the last of them has had it and
 * none had a listener for it, nobody handles its type.
 *
 * @typedef {object} Delivery
 * @property {LiveEvent} event
 * @property {Heard} heard
 * @property {number} waiting     handles that have not had it yet
 * @property {boolean} handled
 * @property {(event: LiveEvent) => void} unhandled
 */
/** More events than this held during one load are dropped; a `reload` follows in their place. */
export const HELD_MOST: 1000;
export class Handle {
    /** @param {import('./seat.js').Seat} seat */
    constructor(seat: import("./seat.js").Seat);
    /** @type {import('./types.js').Mode} */
    mode: import("./types.js").Mode;
    /** Whether this handle asked for the lease, and did not give it back. */
    wantsLease: boolean;
    /** Of the lease it holds. @type {number | null} */
    fence: number | null;
    left: boolean;
    /**
     * Of a collection's handle: whether it wants to hear of a document.
     * @type {((document: string) => boolean) | null}
     */
    watches: ((document: string) => boolean) | null;
    /**
     * Of a collection's handle: the keys wanted; null: all.
     * @type {ReadonlySet<string> | null | undefined}
     */
    keys: ReadonlySet<string> | null | undefined;
    /** @type {Promise<void>} */
    ready: Promise<void>;
    /** @type {() => void} */
    settled: () => void;
    /** @type {(error: Error) => void} */
    failed: (error: Error) => void;
    /** @protected */
    protected seat: import("./seat.js").Seat;
    /** @returns {import('./types.js').Status} */
    get status(): import("./types.js").Status;
    /**
     * @param {string} type
     * @param {(...args: any[]) => void} call
     */
    on(type: string, call: (...args: any[]) => void): () => void;
    /** @param {() => void} call */
    subscribe(call: () => void): () => void;
    /**
     * @template T
     * @param {() => T | Promise<T>} fetch
     * @returns {Promise<T>}
     */
    load<T>(fetch: () => T | Promise<T>): Promise<T>;
    leave(): void;
    /** Status or presence changed. @param {...unknown} told */
    changed(...told: unknown[]): void;
    /**
     * What a listener for `presence` would be told now; null: nothing is known yet.
     *
     * @returns {unknown[] | null}
     */
    known(): unknown[] | null;
    /** What a handle tells its listeners of the seat's copy: `Doc` its presence … */
    sawPresence(): void;
    /** … and `Collection` its list. @param {readonly string[]} _changed */
    sawList(_changed: readonly string[]): void;
    /** Everything, after a join. @param {readonly string[]} changed */
    saw(changed: readonly string[]): void;
    /** @param {Delivery} delivery */
    take(delivery: Delivery): void;
    /** Events were missed for good. */
    reload(): void;
    /** @param {import('./types.js').LeaseNews} news */
    leased(news: import("./types.js").LeaseNews): void;
    #private;
}
export type LiveEvent = import("./types.js").LiveEvent;
export type Heard = import("./types.js").Heard;
/**
 * An event on its way to the handles that should hear it. When the last of them has had it and
 * none had a listener for it, nobody handles its type.
 */
export type Delivery = {
    event: LiveEvent;
    heard: Heard;
    /**
     * handles that have not had it yet
     */
    waiting: number;
    handled: boolean;
    unhandled: (event: LiveEvent) => void;
};
