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
export function documentId(...words: (string | number | bigint)[]): string;
/**
 * Take `document` for an id as it stands.
 *
 * @param {unknown} document
 * @returns {string}
 * @throws {InvalidEvent} At `subject`, where an event carries it.
 */
export function checkDocument(document: unknown): string;
/**
 * Where a document's messages stand in line: 0 to 15.
 *
 * @param {string} document
 * @returns {number}
 */
export function slot(document: string): number;
/**
 * Where an event of `document` goes on `hub.in`: `:03.article.42`.
 *
 * @param {string} document
 * @returns {string}
 */
export function routingKey(document: string): string;
/** Part of the contract, never configured. */
export const SLOTS: 16;
export const DOCUMENT_BYTES: 200;
