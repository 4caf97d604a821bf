/**
 * A document's page: who else is here, and the row as it is now.
 *
 * @module
 */

import { find, flash, live, nameOf, rows, showFaces, showTime } from "./live.js";
import { onPage } from "./words.js";

const id = document.body.dataset.document;
const page = find("[data-article]");
const doc = live.join(`article.${id}`);

doc.on("presence", (presence) => {
  const pill = find("[data-pill]");
  pill.dataset.color = presence.color;
  find("[data-words]", pill).textContent = onPage(presence);
  showFaces(find("[data-faces]", pill), presence.others);
  pill.hidden = false;
});

function show(article) {
  if (!article) return gone();
  if (article.version <= Number(page.dataset.version)) return; // an older answer came late
  page.dataset.version = article.version;
  find("[data-gone]").hidden = true;
  find("[data-title]").textContent = article.title;
  document.title = `${article.title} · Presently`;
  find("[data-status]").textContent = article.status;
  find("[data-status]").dataset.status = article.status;
  find("[data-by]").textContent = nameOf(article.updated_by);
  showTime(find("[data-saved] time"), article.updated_at);
  find("[data-body]").replaceChildren(...article.body.split(/\n{2,}/).map(paragraph));
  flash(page);
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function gone() {
  find("[data-gone]").hidden = false;
}

const fetched = () => rows(`/articles/${id}.json`).then(show);
const refreshed = () => fetched().catch((error) => console.warn(error));

// The event names the row; the text itself stays in the database until a page asks for it.
doc.on("presently.change", refreshed);
doc.on("reload", refreshed);
doc.load(fetched).catch((error) => console.warn(error));
