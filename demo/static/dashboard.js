/**
 * The dashboard: each document green, yellow or red with names; titles change as rows do.
 *
 * @module
 */

import { color } from "/presently/index.js";

import { articles, everybody, find, flash, link, live, me, nameOf, rows, showFaces, showTime }
  from "./live.js";
import { inList } from "./words.js";

const list = find("[data-documents]");
const blank = /** @type {HTMLTemplateElement} */ (find("template[data-row]"));
const announce = find("[data-announce]");

const rowOf = (id) => list.querySelector(`[data-id="${CSS.escape(String(id))}"]`);

// --- who is at which document -----------------------------------------------------------

function showPresence(row) {
  const presence = articles.documents.get(`article.${row.dataset.id}`);
  const words = inList(presence, me);
  const pill = find("[data-pill]", row);
  const changed = !pill.hidden && find("[data-words]", pill).textContent !== words;
  pill.dataset.color = presence ? color(presence.counts) : "green"; // "read by you" is yellow
  find("[data-words]", pill).textContent = words;
  showFaces(find("[data-faces]", row), presence?.users ?? [], 4);
  pill.hidden = false;
  if (changed) announce.textContent = `${find("[data-title]", row).textContent}: ${words}`;
}

const showAll = () => list.querySelectorAll("[data-id]").forEach(showPresence);

articles.on("presence", (documents, changed) => {
  for (const id of changed) {
    const row = rowOf(id.slice("article.".length));
    if (row) showPresence(row);
  }
});
articles.ready.then(showAll, () => {});

everybody.on("presence", (presence) => {
  const chips = [...presence.users]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((user) => {
      const chip = document.createElement("li");
      showFaces(chip, [user]);
      chip.append(user.id === me ? `${user.name} (you)` : user.name);
      return chip;
    });
  find("[data-people]").replaceChildren(...chips);
});

// --- what the rows say ------------------------------------------------------------------

function showRow(row, article) {
  const title = find("[data-title]", row);
  const renamed = title.textContent !== article.title;
  title.textContent = article.title;
  find("[data-status]", row).textContent = article.status;
  find("[data-status]", row).dataset.status = article.status;
  find("[data-by]", row).textContent = nameOf(article.updated_by);
  if (article.updated_at) showTime(find("time", row), article.updated_at);
  if (renamed) flash(row);
}

function addRow(article) {
  const row = /** @type {HTMLElement} */ (blank.content.cloneNode(true)).firstElementChild;
  row.dataset.id = String(article.id);
  find("a", row).href = link(`/articles/${article.id}`);
  const after = [...list.children].find((other) => Number(other.dataset.id) > article.id);
  list.insertBefore(row, after ?? null);
  showRow(row, article);
  showPresence(row);
}

function showList(all) {
  const there = new Set(all.map((article) => String(article.id)));
  for (const row of [...list.children]) if (!there.has(row.dataset.id)) row.remove();
  for (const article of all) {
    const row = rowOf(article.id);
    if (row) showRow(row, article);
    else addRow(article);
  }
  find("[data-empty]").hidden = all.length > 0;
}

// The whole list, after the first join and whenever changes were missed. A change that arrives
// while it is on its way may be newer than the answer: then it is fetched once more.
let asked = 0;
let changes = 0;

async function refresh() {
  const mine = ++asked;
  const seen = changes;
  const all = await rows("/articles.json");
  if (mine !== asked) return;
  if (seen !== changes) return refresh();
  showList(all);
}

const refreshed = () => refresh().catch((error) => console.warn(error)); // the next reload mends it

articles.on("presently.change", ({ data, actor, time }) => {
  changes += 1;
  const row = rowOf(data.key.id);
  if (data.op === "u" && row && data.after?.title !== undefined) {
    const by = data.after.updated_by ?? actor ?? "somebody";
    showRow(row, { ...data.after, updated_by: by, updated_at: time });
    flash(row);
  } else refreshed();
});
articles.on("presently.resync", refreshed);
articles.on("reload", refreshed);
articles.ready.then(refreshed, () => {});
window.addEventListener("pageshow", (event) => event.persisted && refreshed());
live.on("state", (state) => state === "online" && showAll());

// --- the line to try --------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(find("[data-psql]").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}
