/** Notifications: for whom, how often, and where there are none. */

import assert from "node:assert/strict";
import test from "node:test";

import { askToNotify, notify } from "../src/notify.js";
import { MOST, SHOWN_MS } from "../src/toast.js";
import { FakeClock } from "../src/testing.js";

const LIVE = { user: { id: "leela" } };
const NOTE = { title: "Fry saved Moon", body: "just now", icon: "/i.png", url: "/articles/42" };

let last = 0;

/** Another event each time: what was shown once is remembered for the page's whole life. */
function saved(more = {}) {
  return { id: `saved-${++last}`, source: "/pg", type: "presently.change", actor: "fry", ...more };
}

/** As much of a DOM as a toast needs. */
class FakeElement extends EventTarget {
  children = [];
  attributes = {};
  parent = null;
  textContent = "";

  constructor(tag) {
    super();
    this.tag = tag;
  }

  matches(selector) {
    assert.equal(selector, ":hover, :focus-within");
    return this.inUse ?? false;
  }

  get isConnected() {
    return this.tag === "body" || (this.parent?.isConnected ?? false);
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append(...elements) {
    for (const element of elements) element.parent = this;
    this.children.push(...elements);
  }

  remove() {
    const at = this.parent.children.indexOf(this);
    if (at >= 0) this.parent.children.splice(at, 1);
    this.parent = null;
  }
}

class FakeSheet {
  replaceSync(text) {
    this.text = text;
  }
}

/** A window. `permission`, and what `Notification` does when it is constructed. */
function page({ permission = "granted", construct = () => {}, registration } = {}) {
  const clock = new FakeClock();
  const shown = [];
  const opened = [];
  class Notification {
    static permission = permission;
    static requestPermission = async () => permission;

    constructor(title, options) {
      construct();
      shown.push(Object.assign(this, { title, options, close: () => (this.closed = true) }));
    }
  }
  const body = new FakeElement("body");
  const document = { body, adoptedStyleSheets: [], createElement: (tag) => new FakeElement(tag) };
  const serviceWorker = registration && { getRegistration: async () => registration };
  return {
    Notification,
    document,
    clock,
    shown,
    opened,
    body,
    CSSStyleSheet: FakeSheet,
    navigator: { serviceWorker },
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    focus: () => opened.push("focus"),
    open: (...args) => opened.push(args),
  };
}

/** The toasts in a page, once they are due. */
async function toasts(it) {
  await it.clock.advance(100);
  return it.body.children.flatMap((region) => region.children);
}

test("granted: a notification, once per event, whose click opens the address", async () => {
  const it = page();
  const event = saved();
  assert.equal(await notify(LIVE, event, NOTE, it), "notification");
  assert.equal(await notify(LIVE, event, NOTE, it), "nothing");
  const [{ title, options, onclick }] = it.shown;
  assert.equal(it.shown.length, 1);
  assert.equal(title, "Fry saved Moon");
  const { body, icon, url } = NOTE;
  assert.deepEqual(options, { body, icon, tag: event.id, data: { url } });
  onclick();
  assert.deepEqual(it.opened, ["focus", ["/articles/42", "_blank", "noopener"]]);
  assert.equal(it.shown[0].closed, true);
});

test("never for one's own act", async () => {
  const it = page();
  assert.equal(await notify(LIVE, saved({ actor: "leela" }), NOTE, it), "nothing");
  assert.deepEqual(it.shown, []);
});

test("an event without an actor is nobody's own, not even an anonymous page's", async () => {
  const it = page();
  assert.equal(await notify({ user: null }, saved({ actor: undefined }), NOTE, it), "notification");
});

test("heard at a document and at its collection: one notification", async () => {
  const it = page();
  const event = saved();
  const answers = await Promise.all([
    notify(LIVE, event, NOTE, it),
    notify(LIVE, { ...event }, NOTE, it),
  ]);
  assert.deepEqual(answers, ["notification", "nothing"]);
});

test("the same id from another source is another event", async () => {
  const it = page();
  await notify(LIVE, saved({ id: "same", source: "/a" }), NOTE, it);
  await notify(LIVE, saved({ id: "same", source: "/b" }), NOTE, it);
  assert.equal(it.shown.length, 2);
});

test("with a service worker, its registration shows it", async () => {
  const shown = [];
  const registration = { active: {}, showNotification: async (...args) => void shown.push(args) };
  const it = page({ registration });
  assert.equal(await notify(LIVE, saved(), NOTE, it), "notification");
  assert.equal(shown[0][0], "Fry saved Moon");
  assert.deepEqual(shown[0][1].data, { url: "/articles/42" });
  assert.deepEqual(it.shown, []);
});

test("a service worker that is not active yet, or fails, is passed over", async () => {
  const failing = { active: {}, showNotification: () => Promise.reject(new TypeError("no")) };
  for (const registration of [{ active: null }, failing]) {
    const it = page({ registration });
    assert.equal(await notify(LIVE, saved(), NOTE, it), "notification");
    assert.equal(it.shown.length, 1);
  }
});

test("Notification that cannot be constructed, as on phones: a toast, no exception", async () => {
  const construct = () => {
    throw new TypeError("Illegal constructor");
  };
  const it = page({ construct });
  assert.equal(await notify(LIVE, saved(), NOTE, it), "toast");
  assert.equal((await toasts(it)).length, 1);
});

test("not granted, or no Notification at all: a toast", async () => {
  for (const permission of ["default", "denied"]) {
    assert.equal(await notify(LIVE, saved(), NOTE, page({ permission })), "toast");
  }
  assert.equal(await notify(LIVE, saved(), NOTE, { ...page(), Notification: undefined }), "toast");
});

test("the toast is a status with a link and a button that closes it", async () => {
  const it = page({ permission: "denied" });
  await notify(LIVE, saved(), NOTE, it);
  const [toast] = await toasts(it);
  const [region] = it.body.children;
  assert.deepEqual(region.attributes, { role: "status", "aria-live": "polite" });
  const [link, button, text] = toast.children;
  assert.deepEqual(
    [link.tag, link.attributes.href, link.textContent],
    ["a", "/articles/42", NOTE.title],
  );
  assert.deepEqual([text.tag, text.textContent], ["p", "just now"]);
  assert.equal(button.attributes["aria-label"], "Close");
  button.dispatchEvent(new Event("click"));
  assert.deepEqual(await toasts(it), []);
});

test("an address that would run as a script is left out, whoever gave the note", async () => {
  const it = page({ permission: "denied" });
  await notify(LIVE, saved(), { title: "x", url: "javascript:alert(1)" }, it);
  const [toast] = await toasts(it);
  assert.equal(toast.children[0].tag, "strong");
});

test("a title is text, never markup", async () => {
  const it = page({ permission: "denied" });
  await notify(LIVE, saved(), { title: "<img onerror=alert(1)>" }, it);
  const [toast] = await toasts(it);
  assert.deepEqual(
    [toast.children[0].tag, toast.children[0].textContent],
    ["strong", "<img onerror=alert(1)>"],
  );
});

test("toasts share one region and one sheet, the oldest make room", async () => {
  const it = page({ permission: "denied" });
  for (let n = 0; n < MOST + 2; n++) await notify(LIVE, saved(), { title: `note ${n}` }, it);
  const titles = (await toasts(it)).map(({ children }) => children[0].textContent);
  assert.deepEqual(titles, ["note 2", "note 3", "note 4", "note 5"]);
  assert.equal(it.body.children.length, 1);
  assert.equal(it.document.adoptedStyleSheets.length, 1);
});

test("a toast goes after a while, but not under the pointer or the focus", async () => {
  const it = page({ permission: "denied" });
  await notify(LIVE, saved(), NOTE, it);
  const [toast] = await toasts(it);
  toast.inUse = true;
  await it.clock.advance(10 * SHOWN_MS);
  assert.equal((await toasts(it)).length, 1);
  toast.inUse = false;
  await it.clock.advance(SHOWN_MS);
  assert.deepEqual(await toasts(it), []);
});

test("where there is no page at all there is nothing to show", async () => {
  assert.equal(await notify(LIVE, saved(), NOTE, {}), "nothing");
});

test("askToNotify answers granted or denied, whatever the browser has", async () => {
  assert.equal(await askToNotify(page({ permission: "granted" })), "granted");
  assert.equal(await askToNotify(page({ permission: "denied" })), "denied");
  assert.equal(await askToNotify(page({ permission: "default" })), "denied");
  assert.equal(await askToNotify({}), "denied");
});
