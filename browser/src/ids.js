/**
 * Document ids: 2 to 5 words joined by `.`, each percent-encoded, at most 200 bytes; and the slot
 * of a document, the same sum in every language (`schemas/golden/documents.json`). Pure.
 *
 * @module
 */

const DOCUMENT_BYTES = 200;
const SLOTS = 16;
const WORD = "(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}";
const DOCUMENT = new RegExp(`^${WORD}(?:\\.${WORD}){1,4}$`);
const PLAIN = /[A-Za-z0-9_~-]/;

/**
 * Join plain words to a document id: `documentId('article', 'a/b')` is `article.a%2Fb`.
 * A last word `~` is written `%7E`: a bare `~` there names the collection's list.
 *
 * @param {...(string | number | bigint)} words
 * @returns {string}
 * @throws {RangeError} fewer than 2 or more than 5 words, an empty one, one of more than 80
 *   characters once encoded, or more than 200 bytes in all
 */
export function documentId(...words) {
  const encoded = words.map((word) => encodeWord(String(word)));
  if (encoded.at(-1) === "~") encoded[encoded.length - 1] = "%7E";
  return checked(encoded.join("."));
}

/**
 * Take `text` for a document id as it stands.
 *
 * @param {string} text
 * @returns {string}
 * @throws {RangeError} it is none
 */
export function checked(text) {
  if (text.length > DOCUMENT_BYTES || !DOCUMENT.test(text)) {
    throw new RangeError(
      `${JSON.stringify(text.slice(0, 80))} is no document id: 2 to 5 words joined by '.', ` +
        "of letters, digits, '_', '~', '-' or %XX, at most 200 bytes",
    );
  }
  return text;
}

/**
 * The bytes are made by hand because `TextEncoder` turns a lone surrogate into U+FFFD, and two
 * different words would become one document.
 *
 * @param {string} word
 */
function encodeWord(word) {
  let encoded = "";
  for (const char of word) {
    encoded += PLAIN.test(char) ? char : utf8(/** @type {number} */ (char.codePointAt(0)));
  }
  return encoded;
}

/** @param {number} point */
function utf8(point) {
  const tail = (/** @type {number} */ shift) => 0x80 | ((point >> shift) & 0x3f);
  let bytes = [point];
  if (point >= 0x10000) bytes = [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
  else if (point >= 0x800) bytes = [0xe0 | (point >> 12), tail(6), tail(0)];
  else if (point >= 0x80) bytes = [0xc0 | (point >> 6), tail(0)];
  return bytes.map((byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0")).join("");
}

/** The list of a collection: the document `<collection>.~`. @param {string} collection */
export function listOf(collection) {
  return checked(`${collection}.~`);
}

/** The list that `document` is a member of (or is). @param {string} document */
export function listAround(document) {
  return `${document.slice(0, document.lastIndexOf("."))}.~`;
}

/** The last word. @param {string} document */
export function keyOf(document) {
  return document.slice(document.lastIndexOf(".") + 1);
}

/** CRC-32 as zlib has it: reflected polynomial 0xEDB88320 (ISO 3309). */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum >>> 0;
});

/**
 * The document's slot, 0 to 15: `crc32` of its ASCII bytes, modulo 16.
 *
 * @param {string} document
 * @returns {number}
 */
export function slotOf(document) {
  let sum = 0xffffffff;
  for (let at = 0; at < document.length; at++) {
    sum = (sum >>> 8) ^ /** @type {number} */ (CRC[(sum ^ document.charCodeAt(at)) & 0xff]);
  }
  return ((sum ^ 0xffffffff) >>> 0) % SLOTS;
}
