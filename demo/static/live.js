/**
 * What every page shares: one line to the gateway, a seat in `site.all` (people here now), and a
 * notification when somebody else saves.
 *
 * @module
 */

import { askToNotify, connect, notify } from "/presently/index.js";

import { ago, howMany } from "./words.js";

const PATIENCE_MS = 1500; // a navigation reconnects in less; nobody needs to hear of it
const CLOCK_MS = 20_000;

const body = document.body.dataset;
const names = JSON.parse(body.names);

export const me = body.as;

/** A path of ours that keeps the visitor. @param {string} path */
export const link = (path) => `${path}?as=${encodeURIComponent(me)}`;

export const live = connect(body.gateway, { token, name: "demo", version: "0.1.0" });
export const everybody = live.join("site.all");
export const articles = live.collection("article");

/** How a page calls a writer; one it does not know by its own id. @param {string} id */
export const nameOf = (id) => names[id] ?? id;

/** @param {string} selector  @param {ParentNode} [root] @returns {HTMLElement} */
export const find = (selector, root = document) => root.querySelector(selector);

async function token() {
  const answer = await fetch(link("/token"));
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.text();
}

/** Rows as the database has them now, past any cache. @param {string} path */
export async function rows(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// --- people here now --------------------------------------------------------------------

function face(user) {
  const made = document.createElement("span");
  made.className = "face";
  made.dataset.tint = user.info?.tint ?? "steel";
  made.textContent = user.name.slice(0, 1);
  made.title = user.id === me ? `${user.name} (you)` : user.name;
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** @param {Element} place  @param {readonly any[]} users  @param {number} [most] */
export function showFaces(place, users, most = 5) {
  const sorted = [...users].sort((a, b) => a.name.localeCompare(b.name));
  place.replaceChildren(...sorted.slice(0, most).map(face));
}

function showEverybody(presence) {
  showFaces(find("[data-faces]"), presence.users);
  find("[data-count]").textContent = howMany(presence);
  const listed = presence.users.map((user) => (user.id === me ? `${user.name} (you)` : user.name));
  find("[data-everybody]").textContent = listed.sort().join(", ");
  find("[data-here]").hidden = false;
}

everybody.on("presence", showEverybody);

// --- when somebody else saves -----------------------------------------------------------

const VERBS = { c: "added", u: "saved", d: "deleted" };

articles.on("presently.change", (event) => {
  const { op, key, after } = event.data;
  const id = String(key.id);
  if (id === body.document && document.visibilityState === "visible") return; // it says so itself
  const title = after?.title ?? "a document";
  notify(live, event, {
    title: `${nameOf(event.actor ?? "somebody")} ${VERBS[op] ?? "changed"} ${title}`,
    body: op === "d" ? undefined : "Open the document",
    url: link(op === "d" ? "/" : `/articles/${id}`),
  });
});

const bell = find("[data-bell]");

function showBell() {
  if (!("Notification" in window)) return; // the page's own toasts remain
  const { permission } = Notification;
  bell.hidden = false;
  bell.toggleAttribute("disabled", permission !== "default");
  find("[data-bell-words]").textContent =
    { granted: "Notifications on", denied: "Notes on this page only" }[permission] ?? "Notify me";
}

bell.addEventListener("click", () => askToNotify().then(showBell));
showBell();

// --- the line itself --------------------------------------------------------------------

let overdue = 0; // the timer that runs from the line's loss, whatever is tried meanwhile

function showLine() {
  document.documentElement.dataset.live = live.state;
  if (live.state === "online") {
    clearTimeout(overdue);
    overdue = 0;
    find("[data-line]").hidden = true;
  } else if (live.state === "closed") tellLine();
  else overdue ||= setTimeout(tellLine, PATIENCE_MS);
}

function tellLine() {
  const words = { closed: "disconnected, please reload" }[live.state] ?? "offline, reconnecting…";
  find("[data-line-words]").textContent = words;
  find("[data-line]").hidden = false;
}

live.on("state", showLine);
live.on("error", (error) => console.warn(error));
showLine();

// --- times ------------------------------------------------------------------------------

/** @param {HTMLElement} time  @param {string} when  ISO 8601 */
export function showTime(time, when) {
  time.setAttribute("datetime", when);
  time.title = new Date(when).toLocaleString("en-GB");
  time.textContent = ago(new Date(when), new Date());
}

function showTimes() {
  for (const time of document.querySelectorAll("time[datetime]"))
    showTime(time, time.getAttribute("datetime"));
}

showTimes();
setInterval(showTimes, CLOCK_MS);

/** Draw the eye to what has just changed. @param {Element} element */
export function flash(element) {
  element.classList.remove("changed");
  void element.getBoundingClientRect(); // starts the animation again
  element.classList.add("changed");
}
