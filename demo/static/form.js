/**
 * The form: one person's at a time, red for everybody while it is, and honest when the row changed
 * under it. The lease says whose turn it is; the server has the last word, by fence and version.
 *
 * @module
 */

import { find, flash, live, me, nameOf, rows, showFaces } from "./live.js";
import { onPage, onTurn } from "./words.js";

const ALONE_MS = 10_000; // so long without a line, a turn of somebody's is but hearsay

const id = document.body.dataset.document;
const form = /** @type {HTMLFormElement} */ (find("[data-form]"));
const { title, body, status, version, fence } = form.elements;
const doc = live.join(`article.${id}`);
const mine = find("[data-mine]");

/** Whether there is text here that is not saved. */
const typed = () =>
  "typed" in form.dataset ||
  [title, body].some((field) => field.value !== field.defaultValue) ||
  [...status.options].some((option) => option.selected !== option.defaultSelected);

// --- who else is here -------------------------------------------------------------------

doc.on("presence", (presence) => {
  const pill = find("[data-pill]");
  pill.dataset.color = presence.color;
  find("[data-words]", pill).textContent = onPage(presence);
  showFaces(find("[data-faces]", pill), presence.others);
  pill.hidden = false;
  showTurn();
});

// --- whose turn it is -------------------------------------------------------------------

let asking = false;
let alone = false;
let overdue = 0; // the timer that runs from the line's loss, whatever is tried meanwhile
let locked = false;
let follows = false; // somebody else had it, and nothing was typed since: show what they save
let other = ""; // whoever has it, or had it last

function whose() {
  const { lease, users } = doc.presence;
  if (doc.fence !== null || asking) return "mine";
  if (!lease || alone || String(lease.fence) === fence.value) return "free";
  if (lease.user === me) return "elsewhere";
  other = users.find((user) => user.id === lease.user)?.name ?? nameOf(lease.user);
  return "theirs";
}

function showTurn() {
  const turn = whose();
  locked = turn === "theirs" || turn === "elsewhere";
  if (turn === "theirs") follows = true;
  if (turn === "mine") follows = false;
  title.readOnly = body.readOnly = locked;
  status.disabled = find("[type=submit]", form).disabled = locked;
  form.toggleAttribute("data-locked", locked);
  const { words, take = "" } = onTurn({ whose: turn, name: other, typed: typed() });
  const note = find("[data-turn]");
  note.dataset.turn = turn;
  find("[data-turn-words]").textContent = words;
  find("[data-take]").textContent = take;
  find("[data-take]").hidden = !take;
  note.hidden = !(locked || (turn === "free" && follows));
  say();
}

find("[data-take]").addEventListener("click", () => {
  enter("title"); // my turn, if nobody was quicker
  title.focus();
});

live.on("state", (state) => {
  if (state !== "online") return (overdue ||= setTimeout(nobodyKnows, ALONE_MS));
  clearTimeout(overdue);
  overdue = 0;
  alone = false;
});

function nobodyKnows() {
  alone = true;
  showTurn();
}

// --- editing, while a field has the focus or text is not saved ----------------------------

let editing = false;
let leaving = false;

function say() {
  form.toggleAttribute("data-editing", editing);
  if (editing) mine.textContent = "You are editing: everybody sees this document red.";
  else if (locked) mine.textContent = "";
  else mine.textContent = "Everybody sees that you read. In a field, they see that you edit.";
}

async function enter(field) {
  if (editing && (asking || doc.fence !== null)) return doc.setState({ field });
  editing = asking = true;
  showTurn();
  try {
    const granted = await doc.edit({ lease: true, state: { field } });
    fence.value = granted.fence ?? fence.value;
  } catch (error) {
    if (error.code === "locked") editing = false; // somebody was quicker, and presence says who
    else console.warn(error);
  }
  asking = false;
  showTurn();
}

function leave() {
  if (leaving || !editing || typed() || form.contains(document.activeElement)) return;
  editing = false;
  doc.read().catch((error) => console.warn(error));
  showTurn();
}

/** The last fence stays in the form: a save that comes too late is to be known as one. */
doc.on("lease", (news) => {
  if (news.fence) fence.value = news.fence;
  else editing = false;
  other = news.by?.name ?? other;
  showTurn();
  refreshed();
});

const entered = ({ target }) => target.name && !locked && enter(target.name);

form.addEventListener("focusin", entered);
form.addEventListener("input", entered);
form.addEventListener("focusout", () => setTimeout(leave)); // the next field has the focus by then
form.addEventListener("submit", () => (leaving = true)); // red until the save is done
window.addEventListener("pageshow", () => (leaving = false)); // back from the save, by "Back"
say();
if (form.contains(document.activeElement)) entered({ target: document.activeElement });

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
  if (article.version <= Number(version.value)) return;
  if (newer && article.version <= newer.version) return;
  newer = article;
  if (follows && !typed()) {
    load();
    flash(form);
    return;
  }
  const who = nameOf(article.updated_by);
  find("[data-newer-words]").textContent = `${who} saved a newer version while this form was open.`;
  find("[data-load]").hidden = false;
  note.hidden = false;
}

function load() {
  title.value = title.defaultValue = newer.title;
  body.value = body.defaultValue = newer.body;
  for (const option of status.options) {
    option.selected = option.defaultSelected = option.value === newer.status;
  }
  version.value = newer.version;
  delete form.dataset.typed;
  newer = null;
  note.hidden = true;
  showTurn();
}

find("[data-load]").addEventListener("click", () => {
  load();
  title.focus();
});

const fetched = () => rows(`/articles/${id}.json`).then(compare);
const refreshed = () => fetched().catch((error) => console.warn(error));

doc.on("presently.change", refreshed);
doc.on("reload", refreshed);
doc.load(fetched).catch((error) => console.warn(error));
