import { askToNotify, color, documentId, live, me, notify } from "presently/page";

const find = (selector) => document.querySelector(selector);
const id = document.body.dataset.document;
const documents = live.collection("document");
const doc = id ? live.join(documentId("document", id)) : null;

// How many people are here, at whatever page.
live.join("site.all").on("presence", ({ counts }) => {
  const people = counts.reading + counts.editing;
  find("#here").textContent = `${people} ${people === 1 ? "person" : "people"} here`;
});

// Green, yellow or red, with the names.
function paint(pill, paint, users = []) {
  const named = (mode) =>
    users.filter((user) => user.mode === mode).map((user) => (user.id === me ? "you" : user.name));
  const said = [["edited by", named("editing")], ["read by", named("reading")]]
    .filter(([, names]) => names.length)
    .map(([verb, names]) => `${verb} ${names.join(", ")}`);
  pill.dataset.color = paint;
  pill.textContent = said.join("; ") || "free";
}

function paintAll() {
  for (const row of document.querySelectorAll("[data-row]")) {
    const presence = documents.documents.get(documentId("document", row.dataset.row));
    paint(row.querySelector(".pill"), presence ? color(presence.counts) : "green", presence?.users);
  }
  if (doc) paint(find("#others"), doc.presence.color, doc.presence.others);
}
documents.on("presence", paintAll);
documents.ready.then(paintAll, console.warn);
doc?.on("presence", paintAll);

// Somebody saved: a notification in my language if it was not me, and the page as it is now.
async function reload() {
  if (find("#form")) return; // what is being typed is not ours to replace
  const answer = await fetch("", { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  find("main").replaceWith(fresh.querySelector("main"));
  paintAll();
}
documents.on("announcement", (event) => {
  notify(live, event);
  reload().catch(console.warn);
});
documents.on("reload", reload);
find("#bell").onclick = () => askToNotify();

// At the form: editing while a field has the focus.
find("#form")?.addEventListener("focusin", () => doc.edit().catch(console.warn));
find("#form")?.addEventListener("focusout", () => doc.read().catch(console.warn));
