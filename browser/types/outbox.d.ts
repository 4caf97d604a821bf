/**
 * Requests that have no answer yet. Pure.
 *
 * Those about a document go out while its seat is taken on the present socket; a lost socket makes
 * them unsent again, and they are repeated under the same id (an event under the same `event.id`,
 * which makes the repeat harmless) once the seat is taken anew.
 *
 * @module
 */
/**
 * @typedef {object} Request
 * @property {string} id
 * @property {string | undefined} document
 * @property {{id: string, type: string} | undefined} event   what is sent
 * @property {() => import('./frames.js').ClientFrame} make
 *   the frame without its id, made when it goes out, so that a repeat says what is wanted by then
 * @property {boolean} once     of no use after the socket it was written to is gone
 * @property {boolean} sent
 * @property {number} until     when it is given up
 */
/** More unanswered requests than this are refused (`limit`): nobody waits for that many. */
export const MOST: 1000;
export class Outbox {
    get isFull(): boolean;
    /**
     * @param {Omit<Request, 'id' | 'sent'>} request
     * @returns {Request}
     */
    add(request: Omit<Request, "id" | "sent">): Request;
    /** Answered or given up. @param {Request} request */
    drop(request: Request): void;
    /** @param {import('./frames.js').OkFrame['id']} id */
    get(id: import("./frames.js").OkFrame["id"]): Request | undefined;
    /** What is to be written, in order, now that the seat is taken. @param {string} document */
    unsent(document: string): Request[];
    /** The socket is gone, and some requests with it. */
    lost(): {
        gone: Request[];
        kept: Request[];
    };
    /** The end. @returns {Request[]} */
    clear(): Request[];
    #private;
}
export type Request = {
    id: string;
    document: string | undefined;
    /**
     * what is sent
     */
    event: {
        id: string;
        type: string;
    } | undefined;
    /**
     *   the frame without its id, made when it goes out, so that a repeat says what is wanted by then
     */
    make: () => import("./frames.js").ClientFrame;
    /**
     * of no use after the socket it was written to is gone
     */
    once: boolean;
    sent: boolean;
    /**
     * when it is given up
     */
    until: number;
};
