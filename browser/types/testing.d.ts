/** @typedef {import('./types.js').Mode} Mode */
/** @typedef {{id: string, name?: string, info?: Record<string, unknown>}} Person */
export class FakeConnection {
    /**
     * @param {{user?: Person, answers?: boolean}} [o]
     *   answers: false leaves every frame to the test, which replies with `receive`
     */
    constructor({ user, answers }?: {
        user?: Person;
        answers?: boolean;
    });
    /** Every frame the client sent, in order, over all sockets. @type {any[]} */
    sent: any[];
    /** The tokens and connections it greeted with. @type {any[]} */
    hellos: any[];
    /** How many sockets were opened. */
    opened: number;
    /** The constructor to give to `connect`. @type {any} */
    WebSocket: any;
    /** Frames about these documents are refused. @type {Set<string>} */
    forbidden: Set<string>;
    /** Whether a socket is open. */
    get online(): boolean;
    /** The frame last sent. */
    get last(): any;
    /** The frames sent of one type. @param {string} type */
    ofType(type: string): any[];
    /** The gateway says `frame`. @param {object} frame */
    receive(frame: object): void;
    /** The socket ends. @param {number} [code] 1006: without a close frame @param {string} [reason] */
    drop(code?: number, reason?: string): void;
    /** Somebody comes to a document, or changes mode there. @param {string} document
     * @param {Person} person @param {Mode} [mode] @param {Record<string, unknown>} [state] */
    arrive(document: string, person: Person, mode?: Mode, state?: Record<string, unknown>): void;
    /**
     * Somebody gets the lease (null: nobody has it any more), whoever had it.
     *
     * @param {string} document
     * @param {string | null} user
     */
    lease(document: string, user: string | null): void;
    /** Somebody leaves. @param {string} document @param {string} id */
    depart(document: string, id: string): void;
    /**
     * Something happens at a document. Missing attributes are filled in.
     *
     * @param {string} document
     * @param {{type: string, [attribute: string]: unknown}} event
     */
    emit(document: string, event: {
        type: string;
        [attribute: string]: unknown;
    }): void;
    #private;
}
export type Mode = import("./types.js").Mode;
export type Person = {
    id: string;
    name?: string;
    info?: Record<string, unknown>;
};
import { FakeClock } from "./fake-clock.js";
import { settle } from "./fake-clock.js";
export { FakeClock, settle };
