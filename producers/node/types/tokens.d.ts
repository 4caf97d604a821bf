/**
 * @typedef {object} Claims
 * @property {string} user The user's id; whoever bears it may always read `user.<id>`.
 * @property {Record<string, "read" | "send" | "edit">} rights AMQP topic patterns → right, for
 *   example `{ "acme.article.*": "edit", "acme.#": "read" }`. The strongest match wins.
 * @property {string} [name] What others see, of which 200 bytes are kept; the id if not given.
 * @property {Record<string, any>} [info] Goes with the name, at most 1 KiB as JSON.
 * @property {number} [ttl] Seconds until it expires; an hour if not given.
 */
/**
 * Sign who a user is and what they may do.
 *
 * @param {string} key One of the gateway's `PRESENTLY_JWT_KEYS`, at least 32 bytes.
 * @param {Claims} claims
 * @returns {string}
 * @throws {RangeError} A short key, an unknown right, no user or an id of more than 128 bytes, or too
 *   much `info`.
 */
export function mintToken(key: string, { user, rights, name, info, ttl }: Claims): string;
/** Without it a session token signed with the same key would open every document. */
export const AUDIENCE: "presently";
/** RFC 7518 §3.2: a key of at least the size of the hash. */
export const KEY_BYTES: 32;
/** Weakest first; a stronger one includes the weaker ones. */
export const RIGHTS: readonly ["read", "send", "edit"];
export const INFO_BYTES: 1024;
export const USER_BYTES: 128;
export const NAME_BYTES: 200;
export type Claims = {
    /**
     * The user's id; whoever bears it may always read `user.<id>`.
     */
    user: string;
    /**
     * AMQP topic patterns → right, for
     * example `{ "acme.article.*": "edit", "acme.#": "read" }`. The strongest match wins.
     */
    rights: Record<string, "read" | "send" | "edit">;
    /**
     * What others see, of which 200 bytes are kept; the id if not given.
     */
    name?: string | undefined;
    /**
     * Goes with the name, at most 1 KiB as JSON.
     */
    info?: Record<string, any> | undefined;
    /**
     * Seconds until it expires; an hour if not given.
     */
    ttl?: number | undefined;
};
