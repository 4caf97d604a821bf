/**
 * @typedef {object} Options
 * @property {string} source Who publishes, a URI reference such as `/shop`. Event ids are unique
 *   within it.
 * @property {number} [timeoutMs] How long a call may take; 5,000 if not given.
 * @property {string} [apiKey] For the API; else the one in the URL, else `PRESENTLY_API_KEY`.
 */
/**
 * Open a publisher. Make one per process and keep it: it reconnects by itself.
 *
 * @param {string | undefined} url `http(s)://` Presently's API, `amqp(s)://` its broker, `memory://`
 *   for tests; `PRESENTLY_URL` if undefined.
 * @param {Options} options
 * @returns {Promise<Publisher>}
 * @throws {PresentlyError} No URL, a wrong one, or the broker refuses us.
 */
export function open(url: string | undefined, { source, timeoutMs, apiKey }: Options): Promise<Publisher>;
/** Publishes events. Made by `open`. */
export class Publisher {
    /** @param {AmqpLine | HttpLine | MemoryLine} line @param {string} source */
    constructor(line: AmqpLine | HttpLine | MemoryLine, source: string);
    /**
     * Tell everybody at `document` (or at each of several).
     *
     * @param {string | readonly string[]} document
     * @param {string} type Your own, such as `comment.added`.
     * @param {Record<string, any>} [data] At most 64 KiB as JSON.
     * @param {import("./events.js").More} [more]
     * @returns {Promise<string>} The event's id, once the broker has the event on disk.
     * @throws {InvalidEvent} It was not sent; says what is wrong where.
     * @throws {import("./errors.js").Unavailable} Whether it arrived is unknown: repeat it with `id`.
     * @throws {PresentlyError} We are refused; says why.
     */
    publish(document: string | readonly string[], type: string, data?: Record<string, any>, more?: import("./events.js").More): Promise<string>;
    /**
     * Who is at `document`. Over HTTP only: a broker knows events, not people.
     *
     * @param {string} document
     * @returns {Promise<import("./presence.js").Presence>}
     */
    presence(document: string): Promise<import("./presence.js").Presence>;
    /** Wait for what is being published, then close the connection. Publishing again opens a new one. */
    close(): Promise<void>;
    #private;
}
export type Options = {
    /**
     * Who publishes, a URI reference such as `/shop`. Event ids are unique
     * within it.
     */
    source: string;
    /**
     * How long a call may take; 5,000 if not given.
     */
    timeoutMs?: number | undefined;
    /**
     * For the API; else the one in the URL, else `PRESENTLY_API_KEY`.
     */
    apiKey?: string | undefined;
};
import { AmqpLine } from "./over-amqp.js";
import { HttpLine } from "./over-http.js";
import { MemoryLine } from "./in-memory.js";
