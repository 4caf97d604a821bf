/**
 * The form: red for everybody while it has the focus, and honest when the row changed under it.
 *
 * @module
 */

import { find, live, nameOf, rows, showFaces } from "./live.js";
import { onPage } from "./words.js";

const id = document.body.dataset.document;
const form = /** @type {HTMLFormElement} */ (find("[data-form]"));
const doc = live.join(`article.${id}`);
const mine = find("[data-mine]");

// --- who else is here -------------------------------------------------------------------

doc.on("presence", (presence) => {
  const pill = find("[data-pill]");
  pill.dataset.color = presence.color;
  find("[data-words]", pill).textContent = onPage(presence);
  showFaces(find("[data-faces]", pill), presence.others);
  pill.hidden = false;
});

// --- editing, while a field has the focus -----------------------------------------------

let editing = false;
let leaving = false;

function say(now) {
  editing = now;
  form.toggleAttribute("data-editing", editing);
  mine.textContent = editing
    ? "You are editing: everybody sees this document red."
    : "Everybody sees that you read. In a field, they see that you edit.";
}

function enter(field) {
  const told = editing ? doc.setState({ field }) : doc.edit({ state: { field } });
  Promise.resolve(told).catch((error) => console.warn(error));
  say(true);
}

function leave() {
  if (leaving || !editing || form.contains(document.activeElement)) return;
  say(false);
  doc.read().catch((error) => console.warn(error));
}

form.addEventListener("focusin", ({ target }) => target.name && enter(target.name));
form.addEventListener("focusout", () => setTimeout(leave)); // the next field has the focus by then
form.addEventListener("submit", () => (leaving = true)); // red until the save is done
window.addEventListener("pageshow", () => (leaving = false)); // back from the save, by "Back"
say(false);
if (document.activeElement?.name && form.contains(document.activeElement))
  enter(document.activeElement.name);

// --- the row, changed under the form ----------------------------------------------------

const note = find("[data-newer]");
let newer = null;

function compare(article) {
  if (!article) {
    find("[data-newer-words]").textContent = "This document has been deleted.";
    find("[data-load]").hidden = true;
    note.hidden = false;
    return;
  }
  if (article.version <= Number(form.elements.version.value)) return;
  if (newer && article.version <= newer.version) return;
  newer = article;
  const who = nameOf(article.updated_by);
  find("[data-newer-words]").textContent = `${who} saved a newer version while this form was open.`;
  find("[data-load]").hidden = false;
  note.hidden = false;
}

function load() {
  form.elements.title.value = newer.title;
  form.elements.body.value = newer.body;
  form.elements.status.value = newer.status;
  form.elements.version.value = newer.version;
  newer = null;
  note.hidden = true;
  form.elements.title.focus();
}

find("[data-load]").addEventListener("click", load);

const fetched = () => rows(`/articles/${id}.json`).then(compare);
const refreshed = () => fetched().catch((error) => console.warn(error));

doc.on("presently.change", refreshed);
doc.on("reload", refreshed);
doc.load(fetched).catch((error) => console.warn(error));
