/** A line to a gateway in memory, and everything it told. No socket, no waiting. */

import { connect } from "../src/index.js";
import { FakeClock, FakeConnection, settle } from "../src/testing.js";

export { settle };

export const LEELA = { id: "leela", name: "Leela" };
export const FRY = { id: "fry", name: "Fry" };

/** `sessionStorage`, as a tab has it. */
export class FakeStorage extends Map {
  getItem = (key) => this.get(key) ?? null;
  setItem = (key, value) => void this.set(key, value);
  removeItem = (key) => void this.delete(key);
}

/** A window that can be hidden, restored and seen again. */
export class FakePage extends EventTarget {
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });

  hide() {
    this.dispatchEvent(new Event("pagehide"));
  }

  restore() {
    this.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  }

  see(visibilityState = "visible") {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  networkGone() {
    this.dispatchEvent(new Event("offline"));
  }

  networkBack() {
    this.dispatchEvent(new Event("online"));
  }
}

/**
 * A line that is online already.
 *
 * `random` is 0.5 unless told otherwise, so the first wait is 250 ms.
 */
export async function line({ answers = true, user = LEELA, ...o } = {}) {
  const it = unconnected({ answers, user, ...o });
  await it.clock.advance(0);
  return it;
}

export function unconnected({ answers = true, user = LEELA, fake, ...o } = {}) {
  fake ??= new FakeConnection({ user, answers });
  const clock = new FakeClock();
  const errors = [];
  const states = [];
  const surroundings = { clock, random: () => 0.5, storage: null, page: null };
  const live = connect("ws://fake/", { WebSocket: fake.WebSocket, ...surroundings, ...o });
  live.on("error", (error) => errors.push(error));
  live.on("state", (state) => states.push(state));
  return { fake, clock, live, errors, states };
}

/** Everything a handle told, as short words. */
export function heard(handle) {
  const told = [];
  handle.on("event", (event, { seq }) => told.push(seq === undefined ? event.type : seq));
  handle.on("reload", () => told.push("reload"));
  return told;
}

export function presence(users, more = {}) {
  const whole = users.map((user) => ({
    info: {},
    state: {},
    mode: "reading",
    name: user.id,
    ...user,
  }));
  const editing = whole.filter((user) => user.mode === "editing").length;
  const counts = { reading: whole.length - editing, editing };
  return { v: 1, full: true, users: whole, left: [], counts, complete: true, lease: null, ...more };
}

export const NOBODY = presence([]);

/** The answer to the last join. */
export function joined(fake, more = {}) {
  const { id, document } = fake.ofType("join").at(-1);
  const rest = { epoch: "k3", seq: 0, recovered: false, events: [], presence: NOBODY };
  fake.receive({ type: "joined", id, document, ...rest, ...more });
}

export function welcome(fake, more = {}) {
  const connection = `c.${fake.opened}`;
  const user = { ...LEELA, info: {} };
  fake.receive({ type: "welcome", id: "0", connection, user, ping_ms: 25_000, ...more });
}

export function event(document, seq, more = {}) {
  const id = `e-${document}-${seq}`;
  const whole = {
    specversion: "1.0",
    id,
    source: "/test",
    type: "test.said",
    actor: "fry",
    data: {},
  };
  return { type: "event", document, seq, event: { ...whole, subject: document, ...more } };
}

/** What `console.warn` is told while `run` goes on. */
export async function warnings(run) {
  const told = [];
  const { warn } = console;
  console.warn = (text) => told.push(text);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return told;
}
