/** The page around the line: navigation, duplicated tabs, sleep, drain. */

import assert from "node:assert/strict";
import test from "node:test";

import { FakeConnection } from "../src/testing.js";
import {
  FakePage,
  FakeStorage,
  LEELA,
  heard,
  line,
  settle,
  unconnected,
  welcome,
} from "./support.js";

async function tab({ storage = new FakeStorage(), page = new FakePage(), ...o } = {}) {
  return { storage, page, ...(await line({ storage, page, ...o })) };
}

test("navigation: the next page names this page's connection, once", async () => {
  const first = await tab();
  first.page.hide();
  assert.equal(first.fake.online, false);
  const second = await tab({ storage: first.storage });
  assert.equal(second.fake.hellos[0].previous, "c.1");
  assert.equal(first.storage.size, 0);
});

test("leaving a page sends no leave: the seats wait for the next page", async () => {
  const { fake, live, page } = await tab();
  live.join("article.42");
  await settle();
  page.hide();
  await settle();
  assert.deepEqual(fake.ofType("leave"), []);
});

test("a duplicated tab finds nothing in its copy, so it cannot steal the seat", async () => {
  const { storage, live, page } = await tab();
  live.join("article.42");
  await settle();
  const copy = new FakeStorage(storage);
  const duplicate = await tab({ storage: copy });
  assert.equal(duplicate.fake.hellos[0].previous, undefined);
  page.see("hidden");
  assert.equal(new FakeStorage(storage).size, 0, "nor while the page is only hidden");
});

test("a tab duplicated from one that came by navigation finds nothing either", async () => {
  const first = await tab();
  first.page.hide();
  const second = await tab({ storage: first.storage });
  const duplicate = await tab({ storage: new FakeStorage(second.storage) });
  assert.equal(duplicate.fake.hellos[0].previous, undefined);
});

test("a page gone before it was ever online hands its predecessor's connection on", async () => {
  const first = await tab();
  first.page.hide();
  const page = new FakePage();
  unconnected({ storage: first.storage, page, token: () => new Promise(() => {}) });
  page.hide();
  const third = await tab({ storage: first.storage });
  assert.equal(third.fake.hellos[0].previous, "c.1");
});

test("back out of the cache: a new socket, in the seats of the page shown in between", async () => {
  const first = await tab();
  const told = heard(first.live.join("article.42"));
  await settle();
  first.page.hide();
  assert.equal(first.live.state, "offline");
  const fake = new FakeConnection({ user: LEELA });
  const between = await tab({ storage: first.storage, fake });
  fake.opened = 7;
  fake.drop();
  await between.clock.advance(250);
  between.page.hide();
  await first.clock.sleep(300_000);
  assert.equal(first.fake.opened, 1, "nothing stirs in the cache");
  first.fake.emit("article.42", { type: "a.b" });
  first.page.restore();
  await first.clock.advance(0);
  assert.equal(first.fake.hellos.at(-1).previous, "c.8");
  assert.equal(first.live.state, "online");
  assert.deepEqual(told, [1]);
  assert.equal(first.storage.size, 0);
});

test("a page shown for the first time is not restored", async () => {
  const { fake, page, clock } = await tab();
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  await clock.advance(0);
  assert.equal(fake.opened, 1);
});

test("seen again, the line is probed: any frame within two seconds and it lives", async () => {
  const { fake, live, page, clock } = await tab({ answers: false });
  welcome(fake);
  page.see();
  assert.deepEqual(fake.last, { type: "sync", id: "probe", document: "presently.probe" });
  const message = "join presently.probe first";
  fake.receive({ type: "error", id: "probe", code: "not_joined", message, temporary: false });
  await clock.advance(2_000);
  assert.equal(live.state, "online");
  assert.equal(fake.opened, 1);
});

test("seen again, silence for two seconds: the line is dead, back on a new one", async () => {
  const { fake, live, page, clock, errors } = await tab({ answers: false });
  welcome(fake);
  live.join("article.42");
  page.see();
  assert.equal(fake.last.document, "article.42");
  await clock.advance(1_999);
  assert.equal(fake.opened, 1);
  await clock.advance(251);
  assert.equal(fake.opened, 2);
  assert.deepEqual(errors, []);
});

test("hidden, the line is left alone", async () => {
  const { fake, page } = await tab();
  const before = fake.sent.length;
  page.see("hidden");
  assert.equal(fake.sent.length, before);
});

test("the network or the page is back: no wait is waited out", async () => {
  for (const wake of ["networkBack", "see"]) {
    const { fake, page, clock } = await tab({ random: () => 0.99 });
    fake.drop();
    await clock.advance(1);
    assert.equal(fake.opened, 1);
    page[wake]();
    await clock.advance(0);
    assert.equal(fake.opened, 2, wake);
  }
});

test("a wait that the gateway demanded is waited out", async () => {
  const { fake, page, clock } = await tab();
  fake.drop(4009);
  page.networkBack();
  await clock.advance(30_249);
  assert.equal(fake.opened, 1);
  await clock.advance(1);
  assert.equal(fake.opened, 2);
});

test("drain: away at a random time within the window, and resumed", async () => {
  const { fake, live, clock } = await line({ random: () => 0.25 });
  const told = heard(live.join("article.42"));
  await settle();
  fake.receive({ type: "drain", reconnect_in_ms: [1000, 9000] });
  await clock.advance(2_999);
  fake.emit("article.42", { type: "a.b" });
  assert.equal(fake.opened, 1);
  await clock.advance(1);
  fake.emit("article.42", { type: "a.b" });
  assert.equal(fake.opened, 2);
  assert.equal(live.state, "online");
  assert.equal(fake.hellos.at(-1).previous, "c.1");
  assert.deepEqual(told, [1, 2]);
});

test("closed while it drains: back-off as ever, and no second move", async () => {
  const { fake, clock } = await line();
  fake.receive({ type: "drain", reconnect_in_ms: [0, 8000] });
  fake.drop(4000);
  await clock.advance(250);
  assert.equal(fake.opened, 2);
  await clock.advance(8_000);
  assert.equal(fake.opened, 2);
});

test("ping is answered with pong", async () => {
  const { fake } = await line();
  fake.receive({ type: "ping" });
  assert.deepEqual(fake.last, { type: "pong" });
});

test("no ping for its interval and ten seconds more: the line is dead", async () => {
  const { fake, clock } = await line({ answers: false });
  welcome(fake);
  for (let pings = 0; pings < 3; pings++) {
    await clock.advance(25_000);
    fake.receive({ type: "ping" });
  }
  await clock.advance(34_999);
  assert.equal(fake.opened, 1);
  await clock.advance(251);
  assert.equal(fake.opened, 2);
});

test("a machine that slept finds out as soon as it wakes", async () => {
  const { fake, clock } = await line();
  await clock.sleep(8 * 3_600_000);
  await clock.advance(250);
  assert.equal(fake.opened, 2);
});

test("a gateway that takes the socket and says nothing is given up after ten seconds", async () => {
  const { fake, clock, live } = await line({ answers: false });
  assert.equal(live.state, "connecting");
  await clock.advance(10_250);
  assert.equal(fake.opened, 2);
});

test("an address that no browser opens ends the line, and says so", async () => {
  class Refusing {
    constructor() {
      throw new DOMException("insecure", "SecurityError");
    }
  }
  const { live, clock, errors } = unconnected({ WebSocket: Refusing });
  await clock.advance(3_600_000);
  assert.equal(live.state, "closed");
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["closed"],
  );
});

test("nothing of the page is listened to after the end", async () => {
  const { live, page, fake, storage } = await tab();
  live.close();
  page.hide();
  page.restore();
  page.see();
  await settle();
  assert.equal(fake.opened, 1);
  assert.equal(storage.size, 0);
});

test("a socket that never opens is given up after ten seconds", async () => {
  const sockets = [];
  class Hanging {
    readyState = 0;
    constructor() {
      sockets.push(this);
    }
    close() {
      this.closed = true;
    }
  }
  const { clock } = unconnected({ WebSocket: Hanging });
  await clock.advance(10_250);
  assert.deepEqual(
    sockets.map(({ closed }) => closed),
    [true, undefined],
  );
});

test("a token asked for before the page went to the cache is not used after it", async () => {
  const answers = [];
  const page = new FakePage();
  const token = () => new Promise((resolve) => answers.push(resolve));
  const { fake, errors } = unconnected({ page, token });
  await settle();
  page.hide();
  page.restore();
  await settle();
  answers[0]("old");
  await settle();
  assert.equal(fake.opened, 0);
  answers[1]("new");
  await settle();
  assert.equal(fake.hellos[0].token, "new");
  assert.deepEqual(errors, []);
});
