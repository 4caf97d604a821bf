/**
 * @typedef {object} Event A CloudEvent.
 * @property {string} specversion
 * @property {string} id Unique within `source`.
 * @property {string} source
 * @property {string} type
 * @property {string} subject The document.
 * @property {string} [time]
 * @property {string | null} [actor] The user who caused it.
 * @property {Record<string, any>} [data]
 */
/**
 * @typedef {object} More
 * @property {string} [actor] The user who caused it: their own screens need not be told.
 * @property {string} [id] Repeating an id does no harm: it is shown once.
 * @property {Date} [time] When it happened; now if not given.
 */
/** @typedef {{ document: string, id: string, body: Buffer }} Message A checked event to send. */
/**
 * One event for each document, all under the same id.
 *
 * @param {string} source
 * @param {string | readonly string[]} documents
 * @param {string} type
 * @param {Record<string, any>} data
 * @param {More} more
 * @returns {Message[]}
 * @throws {InvalidEvent} With the path of the first fault.
 */
export function write(source: string, documents: string | readonly string[], type: string, data: Record<string, any>, { actor, id, time }: More): Message[];
/**
 * The event as JSON, if it is one.
 *
 * @param {any} event
 * @returns {Buffer}
 * @throws {InvalidEvent} With the path of the first fault.
 */
export function check(event: any): Buffer;
export const CONTENT_TYPE: "application/cloudevents+json";
export const BATCH_TYPE: "application/cloudevents-batch+json";
export const DATA_BYTES: number;
export const EVENT_BYTES: number;
/**
 * A CloudEvent.
 */
export type Event = {
    specversion: string;
    /**
     * Unique within `source`.
     */
    id: string;
    source: string;
    type: string;
    /**
     * The document.
     */
    subject: string;
    time?: string | undefined;
    /**
     * The user who caused it.
     */
    actor?: string | null | undefined;
    data?: Record<string, any> | undefined;
};
export type More = {
    /**
     * The user who caused it: their own screens need not be told.
     */
    actor?: string | undefined;
    /**
     * Repeating an id does no harm: it is shown once.
     */
    id?: string | undefined;
    /**
     * When it happened; now if not given.
     */
    time?: Date | undefined;
};
/**
 * A checked event to send.
 */
export type Message = {
    document: string;
    id: string;
    body: Buffer;
};
