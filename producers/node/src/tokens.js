/** Tokens for browsers: a JWT (RFC 7519) signed with HS256, by the standard library alone. */

import { createHmac } from "node:crypto";

/** Without it a session token signed with the same key would open every document. */
export const AUDIENCE = "presently";
/** RFC 7518 §3.2: a key of at least the size of the hash. */
export const KEY_BYTES = 32;
/** Weakest first; a stronger one includes the weaker ones. */
export const RIGHTS = /** @type {const} */ (["read", "send", "edit"]);
export const INFO_BYTES = 1024;
export const USER_BYTES = 128;
export const NAME_BYTES = 200;

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
export function mintToken(key, { user, rights, name, info, ttl = 3600 }) {
  const bytes = Buffer.byteLength(key);
  if (bytes < KEY_BYTES)
    throw new RangeError(`a key needs at least ${KEY_BYTES} bytes, this one has ${bytes}`);
  if (!user) throw new RangeError("a token needs a user");
  if (Buffer.byteLength(user) > USER_BYTES)
    throw new RangeError(`a user's id may have ${USER_BYTES} bytes`);
  const unknown = Object.values(rights).find((right) => !RIGHTS.includes(right));
  if (unknown !== undefined)
    throw new RangeError(`no such right: '${unknown}'; there are ${RIGHTS.join(", ")}`);
  if (Buffer.byteLength(JSON.stringify(info ?? {})) > INFO_BYTES)
    throw new RangeError(`info may have ${INFO_BYTES} bytes as JSON`);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: user,
    name: kept(name) || user,
    docs: rights,
    aud: AUDIENCE,
    iat: now,
    exp: now + ttl,
    ...(info ? { info } : {}),
  };
  const signed = `${text({ alg: "HS256", typ: "JWT" })}.${text(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** As much of a name as the gateway takes, in whole letters. @param {string} [name] @returns {string} */
function kept(name = "") {
  const bytes = Buffer.from(name);
  if (bytes.length <= NAME_BYTES) return name;
  let end = NAME_BYTES;
  while ((bytes.readUInt8(end) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}

/** @param {object} value @returns {string} */
function text(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
