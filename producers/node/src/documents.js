/** Document ids and their slots: the same sums as in every other language. */

import { crc32 } from "./crc32.js";
import { InvalidEvent } from "./errors.js";

/** Part of the contract, never configured. */
export const SLOTS = 16;
export const DOCUMENT_BYTES = 200;

const WORD = "(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}";
const DOCUMENT = new RegExp(`^${WORD}(?:\\.${WORD}){1,4}$`);
const ENCODED = /[^A-Za-z0-9_~-]/;

/**
 * Join plain words to a document id: `documentId("page", "a/b")` is `page.a%2Fb`.
 *
 * Every byte outside `[A-Za-z0-9_~-]` is percent-encoded. The last word is the key, those before it
 * name the collection. A key that is `~` becomes `%7E`: `page.~` is the list of `page`.
 *
 * @param {...(string | number | bigint)} words Two to five.
 * @returns {string}
 * @throws {InvalidEvent}
 */
export function documentId(...words) {
  const encoded = words.map((word) => encode(String(word)));
  if (encoded.at(-1) === "~") encoded[encoded.length - 1] = "%7E";
  return checkDocument(encoded.join("."));
}

/**
 * Take `document` for an id as it stands.
 *
 * @param {unknown} document
 * @returns {string}
 * @throws {InvalidEvent} At `subject`, where an event carries it.
 */
export function checkDocument(document) {
  if (typeof document === "string" && document.length <= DOCUMENT_BYTES && DOCUMENT.test(document))
    return document;
  const said = JSON.stringify(document)?.slice(0, 80);
  throw new InvalidEvent(
    "subject",
    `${said} is no document id: 2 to 5 words joined by '.', of letters, digits, ` +
      `'_', '~', '-' or %XX, at most ${DOCUMENT_BYTES} bytes`,
  );
}

/**
 * Where a document's messages stand in line: 0 to 15.
 *
 * @param {string} document
 * @returns {number}
 */
export function slot(document) {
  return crc32(Buffer.from(document, "ascii")) % SLOTS;
}

/**
 * Where an event of `document` goes on `hub.in`: `:03.article.42`.
 *
 * @param {string} document
 * @returns {string}
 */
export function routingKey(document) {
  return `:${String(slot(document)).padStart(2, "0")}.${document}`;
}

/** @param {string} word @returns {string} */
function encode(word) {
  if (!word.isWellFormed()) throw new InvalidEvent("subject", "a word with half a character");
  return Array.from(Buffer.from(word, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    if (byte < 0x80 && !ENCODED.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
