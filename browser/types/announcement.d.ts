/**
 * Out of an announcement's texts in many languages, the note in the reader's.
 *
 * A backend announces a change once, with `data.texts`, e.g. `{en: {title: "Saved"}, de: {…}}`, and
 * `data.lang`, the language of last resort. Which one is shown is decided where it is read.
 *
 * @module
 */
/** @typedef {{title: string, body?: string, icon?: string, url?: string}} Note */
/**
 * The text in the first of `languages` that there is, itself or by its base (`de-AT`: `de`); else
 * in `data.lang`, else any.
 *
 * Null: it has none. Also null for what another browser sent, which may say what it likes but not
 * speak for the site; and addresses that are not http(s), as `javascript:`, are left out.
 *
 * @param {import('./types.js').LiveEvent} event
 * @param {readonly string[]} [languages]   the page's, else the browser's, by default
 * @param {any} [page]   for tests; the global object by default
 * @returns {Note | null}
 */
export function noteOf(event: import("./types.js").LiveEvent, languages?: readonly string[], page?: any): Note | null;
/**
 * An address that may be opened: http(s), or the page's own.
 *
 * @param {unknown} url
 * @param {any} page
 */
export function harmless(url: unknown, page: any): string | undefined;
export type Note = {
    title: string;
    body?: string;
    icon?: string;
    url?: string;
};
