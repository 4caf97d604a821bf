/**
 * Join plain words to a document id: `documentId('article', 'a/b')` is `article.a%2Fb`.
 * A last word `~` is written `%7E`: a bare `~` there names the collection's list.
 *
 * @param {...(string | number | bigint)} words
 * @returns {string}
 * @throws {RangeError} fewer than 2 or more than 5 words, an empty one, one of more than 80
 *   characters once encoded, or more than 200 bytes in all
 */
export function documentId(...words: (string | number | bigint)[]): string;
/**
 * Take `text` for a document id as it stands.
 *
 * @param {string} text
 * @returns {string}
 * @throws {RangeError} it is none
 */
export function checked(text: string): string;
/** The list of a collection: the document `<collection>.~`. @param {string} collection */
export function listOf(collection: string): string;
/** The list that `document` is a member of (or is). @param {string} document */
export function listAround(document: string): string;
/** The last word. @param {string} document */
export function keyOf(document: string): string;
/**
 * The document's slot, 0 to 15: `crc32` of its ASCII bytes, modulo 16.
 *
 * @param {string} document
 * @returns {number}
 */
export function slotOf(document: string): number;
