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
export function noteOf(event, languages, page = globalThis) {
  const texts = event.data?.texts;
  if (!texts || typeof texts !== "object" || event.source?.startsWith("/connection/")) return null;
  const names = Object.keys(texts);
  const wanted = [...(languages ?? languagesOf(page)), event.data.lang ?? ""];
  const name = wanted.map((each) => closest(each, names)).find(Boolean) ?? names[0];
  const text = texts[name ?? ""];
  if (typeof text?.title !== "string") return null;
  return {
    title: text.title,
    body: typeof text.message === "string" && text.message ? text.message : undefined,
    icon: harmless(text.icon, page),
    url: harmless(text.url, page),
  };
}

/** What the page is written in, else what its reader prefers. @param {any} page @returns {string[]} */
function languagesOf(page) {
  const written = page.document?.documentElement?.lang;
  return written ? [written] : [...(page.navigator?.languages ?? [])];
}

/** @param {string} wanted @param {readonly string[]} names */
function closest(wanted, names) {
  const low = String(wanted).toLowerCase();
  const base = low.split("-")[0];
  return (
    names.find((name) => name.toLowerCase() === low) ??
    names.find((name) => name.toLowerCase() === base) ??
    names.find((name) => base && name.toLowerCase().split("-")[0] === base)
  );
}

/**
 * An address that may be opened: http(s), or the page's own.
 *
 * @param {unknown} url
 * @param {any} page
 */
export function harmless(url, page) {
  if (typeof url !== "string" || !url) return undefined;
  try {
    const { protocol } = new URL(url, page.location?.href ?? "https://here.invalid/");
    return protocol === "https:" || protocol === "http:" ? url : undefined;
  } catch {
    return undefined;
  }
}
