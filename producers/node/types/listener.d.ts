/**
 * @typedef {object} What
 * @property {readonly string[]} [documents] Topic patterns: `article.42.#`, `article.#`,
 *   `*.*.event.presently.change`.
 * @property {boolean} [connections] Also who connects, what browsers do, who disconnects.
 * @property {string} [queue] A durable queue of this name keeps what comes while you are away.
 *   Without it the queue is made for this connection and gone with it.
 * @property {AbortSignal} [signal] Ends it.
 */
/**
 * Hear what happens. Reconnects by itself; each beginning is told as `{ what: "listening" }`.
 * A message is acknowledged when the next one is asked for.
 *
 * @param {string} url `amqp(s)://…`
 * @param {What} what
 * @returns {AsyncGenerator<import("./bus.js").Heard, void, void>}
 * @throws {PresentlyError} The broker refuses us.
 */
export function listen(url: string, { documents, connections, queue, signal }: What): AsyncGenerator<import("./bus.js").Heard, void, void>;
/** Messages that we may hold at once. */
export const PREFETCH: 256;
export type What = {
    /**
     * Topic patterns: `article.42.#`, `article.#`,
     * `*.*.event.presently.change`.
     */
    documents?: readonly string[] | undefined;
    /**
     * Also who connects, what browsers do, who disconnects.
     */
    connections?: boolean | undefined;
    /**
     * A durable queue of this name keeps what comes while you are away.
     * Without it the queue is made for this connection and gone with it.
     */
    queue?: string | undefined;
    /**
     * Ends it.
     */
    signal?: AbortSignal | undefined;
};
