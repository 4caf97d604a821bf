/** Announcements: which of the languages a page shows. */

import assert from "node:assert/strict";
import test from "node:test";

import { noteOf } from "../src/announcement.js";
import { notify } from "../src/notify.js";

const TEXTS = {
  en: { title: "Saved", message: "Open it", icon: "/i.png", url: "/en/1" },
  de: { title: "Gespeichert", url: "/de/1" },
  "pt-br": { title: "Salvo" },
};

function announced(more = {}, data = {}) {
  return { id: "a-1", source: "/pg", type: "announcement", data: { lang: "en", texts: TEXTS, ...data }, ...more };
}

const titleIn = (...languages) => noteOf(announced(), languages, {})?.title;

test("one event, two pages with their own languages", () => {
  assert.deepEqual(noteOf(announced(), ["en"], {}), {
    title: "Saved",
    body: "Open it",
    icon: "/i.png",
    url: "/en/1",
  });
  assert.equal(noteOf(announced(), ["de"], {}).title, "Gespeichert");
});

test("the language, else its base, else a relative, else the next, else the default", () => {
  assert.equal(titleIn("DE"), "Gespeichert");
  assert.equal(titleIn("de-AT"), "Gespeichert");
  assert.equal(titleIn("pt-BR"), "Salvo");
  assert.equal(titleIn("pt"), "Salvo");
  assert.equal(titleIn("fr", "de"), "Gespeichert");
  assert.equal(titleIn("fr"), "Saved");
  assert.equal(titleIn(), "Saved");
  assert.equal(noteOf(announced({}, { lang: "xx" }), ["fr"], {}).title, "Saved");
  assert.equal(noteOf(announced({}, { lang: undefined }), [], {}).title, "Saved");
});

test("by default the page's own language, else what its reader prefers", () => {
  const navigator = { languages: ["de-CH", "en"] };
  const document = { documentElement: { lang: "pt-br" } };
  assert.equal(noteOf(announced(), undefined, { navigator, document }).title, "Salvo");
  document.documentElement.lang = "";
  assert.equal(noteOf(announced(), undefined, { navigator, document }).title, "Gespeichert");
});

test("an event without texts has no note, and notify shows nothing for it", async () => {
  const broken = [{ data: undefined }, { data: {} }, { data: { texts: {} } }, { data: { texts: { en: {} } } }];
  for (const more of broken) assert.equal(noteOf(announced(more), ["en"], {}), null);
  const live = { user: { id: "leela" } };
  assert.equal(await notify(live, announced(broken[1]), undefined, { document: {} }), "nothing");
});

test("another browser does not speak for the site, and no address runs code", () => {
  assert.equal(noteOf(announced({ source: "/connection/c.9XkP" }), ["en"], {}), null);
  for (const url of ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "http://[", 7]) {
    const texts = { en: { title: "Saved", url, icon: url } };
    const { url: left, icon } = noteOf(announced({}, { texts }), ["en"], {});
    assert.deepEqual([left, icon], [undefined, undefined]);
  }
});

test("notify without a note shows the announcement's own, in the page's language", async () => {
  const shown = [];
  class Notification {
    static permission = "granted";
    constructor(title) {
      shown.push(title);
    }
  }
  const page = { Notification, document: { documentElement: { lang: "de" } } };
  const live = { user: { id: "leela" } };
  assert.equal(await notify(live, announced({ actor: "fry" }), undefined, page), "notification");
  assert.equal(await notify(live, announced({ id: "a-2", actor: "leela" }), undefined, page), "nothing");
  assert.deepEqual(shown, ["Gespeichert"]);
});
