/**
 * A short message in the page, for where there is no notification.
 *
 * Accessible: a polite live region (`role="status"`), the title a real link, a button that closes
 * it, no time limit while the pointer or the focus is on it. All style has no specificity
 * (`:where`), so that an application's own `.presently-toast` wins.
 *
 * @module
 */

/** Long enough to read two lines and reach the link, in ms. */
export const SHOWN_MS = 12_000;
/** Older toasts make room for newer ones. */
export const MOST = 4;

const STYLE = `
:where(.presently-toasts){position:fixed;inset-block-end:1rem;inset-inline-end:1rem;
  z-index:2147483000;display:grid;gap:.5rem;max-inline-size:min(24rem,calc(100vw - 2rem))}
:where(.presently-toast){display:grid;grid-template-columns:1fr auto;gap:.25rem .75rem;
  padding:.75rem 1rem;background:Canvas;color:CanvasText;border:1px solid;border-radius:.5rem;
  box-shadow:0 .25rem 1rem rgb(0 0 0/.2);font:inherit}
:where(.presently-toast) :where(p){margin:0;grid-column:1}
:where(.presently-toast) :where(button){grid-column:2;grid-row:1;border:0;background:none;
  color:inherit;font:inherit;cursor:pointer;min-inline-size:1.5rem;min-block-size:1.5rem}`;

/** How long a new region needs to be noticed, in ms. */
const KNOWN_MS = 100;

/** @type {WeakMap<object, any>} the live region of each document */
const regions = new WeakMap();

/**
 * @param {any} page   a `window`
 * @param {import('./notify.js').Note} note
 */
export function toast(page, { title, body, url }) {
  const { document } = page;
  const region = regionOf(page);
  const box = element(document, "div", "presently-toast");
  const link = element(document, url === undefined ? "strong" : "a", "presently-toast-title");
  link.textContent = title;
  if (url !== undefined) link.setAttribute("href", url);
  const button = element(document, "button", "presently-toast-close");
  button.setAttribute("type", "button");
  button.setAttribute("aria-label", "Close");
  button.textContent = "×";
  box.append(link, button);
  if (body) {
    const text = element(document, "p", "presently-toast-body");
    text.textContent = body;
    box.append(text);
  }
  button.addEventListener("click", () => box.remove());
  // A screen reader only tells what is put into a region that it already knows.
  page.setTimeout(() => show(page, region, box), KNOWN_MS);
}

/** @param {any} page @param {any} region @param {any} box */
function show(page, region, box) {
  while (region.children.length >= MOST) region.children[0].remove();
  region.append(box);
  goAfterAWhile(page, box);
}

/** @param {any} page @param {any} box */
function goAfterAWhile(page, box) {
  const inUse = () => box.matches(":hover, :focus-within");
  page.setTimeout(() => (inUse() ? goAfterAWhile(page, box) : box.remove()), SHOWN_MS);
}

/** @param {any} page */
function regionOf(page) {
  const { document } = page;
  const known = regions.get(document);
  if (known?.isConnected) return known;
  const region = element(document, "div", "presently-toasts");
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  document.body.append(region);
  regions.set(document, region);
  style(page);
  return region;
}

/**
 * By a constructed sheet, which a page's Content-Security-Policy lets through where it would stop
 * a `<style>` element.
 *
 * @param {any} page
 */
function style({ document, CSSStyleSheet }) {
  if (!CSSStyleSheet || !document.adoptedStyleSheets) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** @param {any} document @param {string} tag @param {string} name */
function element(document, tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}
