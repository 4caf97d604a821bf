/**
 * What an application holds: one line to a gateway, the seats taken over it, and the way of each
 * frame to whom it concerns. Its public shape is `Live` in `types.js`.
 *
 * @module
 */

import { Connection } from "./connection.js";
import { DocHandle } from "./doc.js";
import { PresentlyError } from "./errors.js";
import { checked, listOf } from "./ids.js";
import { Listeners } from "./listeners.js";
import { Previous, sessionStorageOrNull } from "./previous.js";
import { watchPage } from "./page.js";
import { Renewal } from "./renewal.js";
import { Requests } from "./requests.js";
import { Router } from "./router.js";
import { Seat } from "./seat.js";
import { browserClock } from "./timers.js";
import { Seen } from "./seen.js";
import { Tokens } from "./tokens.js";
import { CollectionHandle } from "./watch.js";

/** @typedef {import('./types.js').Options} Options */
/** @typedef {import('./handle.js').Handle} Handle */
/** @typedef {import('./frames.js').ClientFrame} ClientFrame */

export class LiveLine {
  /** @type {import('./types.js').Me | null} */
  user = null;
  #listeners = new Listeners();
  /** @type {Map<string, Seat>} */
  #seats = new Map();
  #connection;
  #requests;
  #renewal;
  #router;
  #wire;
  #unwatch;
  /** The browser saw the network go, and the line has said nothing since that it was asked. */
  #unplugged = false;
  /** @type {import('./types.js').LiveState} */
  #told = "connecting";
  /** Types warned of. */
  #warned = new Seen(1_000);

  /**
   * @param {string} url
   * @param {Options} o
   */
  constructor(url, o) {
    const { clock = browserClock, random = Math.random } = o;
    const WebSocket = o.WebSocket ?? globalThis.WebSocket;
    if (typeof WebSocket !== "function") throw new TypeError("there is no WebSocket here");
    const storage = o.storage === undefined ? sessionStorageOrNull() : o.storage;
    const tokens = new Tokens(o.token, clock);
    this.#connection = new Connection(
      {
        url,
        WebSocket,
        clock,
        random,
        tokens,
        previous: new Previous(storage, url),
        client: introduction(o),
      },
      {
        state: (state) => this.#changed(state),
        welcome: (welcome) => this.#welcome(welcome),
        frame: (frame) => this.#router.route(frame),
        lives: () => this.#plug(true),
        error: (error) => this.#error(error),
      },
    );
    this.#requests = new Requests(clock, random, (text) => this.#connection.send(text));
    const error = (/** @type {PresentlyError} */ error) => this.#error(error);
    this.#renewal = new Renewal({ tokens, clock, random, requests: this.#requests, error });
    this.#router = new Router(this.#seats, this.#requests, {
      error,
      unhandled: (event) => this.#unhandled(event),
    });
    /** @type {import('./wire.js').Wire} */
    this.#wire = {
      clock,
      random,
      online: () => this.#connection.state === "online",
      me: () => this.user?.id ?? null,
      requests: this.#requests,
      tell: (/** @type {ClientFrame} */ frame) => this.#say(frame),
      deliver: this.#router.deliver,
      pardon: (/** @type {string} */ document) => this.#renewal.pardon(document),
      error,
      gone: (/** @type {Seat} */ seat) => void this.#seats.delete(seat.document),
    };
    this.#unwatch = watchPage(o.page === undefined ? windowOrNull() : o.page, {
      hidden: () => this.#connection.park(),
      restored: () => this.#connection.unpark(),
      visible: () => this.#look(),
      offline: () => this.#plug(false),
      online: () => this.#look(),
    });
    this.#connection.start();
  }

  get state() {
    const { state } = this.#connection;
    return this.#unplugged && state === "online" ? "offline" : state;
  }

  get connection() {
    return this.#connection.id;
  }

  /**
   * @param {string} document
   * @param {{mode?: import('./types.js').Mode, state?: import('./types.js').Json}} [o]
   */
  join(document, { mode = "reading", state } = {}) {
    const seat = this.#seat(checked(document));
    if (state !== undefined) seat.setState(state);
    return this.#add(seat, new DocHandle(seat, mode));
  }

  /**
   * @param {string} name
   * @param {{keys?: readonly string[]}} [o]
   */
  collection(name, { keys } = {}) {
    const seat = this.#seat(listOf(name));
    return this.#add(seat, new CollectionHandle(seat, name, keys));
  }

  /**
   * @param {string} type
   * @param {(...args: any[]) => void} call
   */
  on(type, call) {
    return this.#listeners.on(type, call);
  }

  close() {
    const seats = [...this.#seats.values()];
    for (const { document } of seats) this.#wire.tell({ type: "leave", document });
    this.#connection.close();
    for (const seat of seats) for (const handle of [...seat.handles]) handle.leave();
  }

  /** @param {string} document */
  #seat(document) {
    const seat = this.#seats.get(document) ?? new Seat(document, this.#wire);
    this.#seats.set(document, seat);
    return seat;
  }

  /**
   * @template {Handle} H
   * @param {Seat} seat
   * @param {H} handle
   * @returns {H}
   */
  #add(seat, handle) {
    seat.add(handle);
    if (this.state === "closed") handle.failed(ended());
    return handle;
  }

  /** @param {import('./frames.js').WelcomeFrame} welcome */
  #welcome(welcome) {
    this.user = welcome.user;
    this.#unplugged = false;
    this.#requests.frameBytes = welcome.limits?.frame_bytes ?? this.#requests.frameBytes;
    this.#renewal.online(welcome.expires_in_ms);
    for (const seat of this.#seats.values()) seat.online();
  }

  /** @param {import('./types.js').LiveState} state */
  #changed(state) {
    if (state !== "online") {
      this.#renewal.offline();
      for (const seat of this.#seats.values()) seat.offline();
      this.#requests.lost();
    }
    if (state === "closed") this.#ended();
    this.#tellState();
  }

  /** @param {boolean} plugged */
  #plug(plugged) {
    this.#unplugged = !plugged;
    this.#tellState();
  }

  #tellState() {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.#listeners.emit("state", state);
  }

  #ended() {
    const error = ended();
    this.#unwatch();
    this.#requests.close(error);
    for (const seat of this.#seats.values()) {
      for (const handle of seat.handles) handle.failed(error);
    }
  }

  /** The page is seen again, or the network is back: does the line still live? */
  #look() {
    this.#connection.wake();
    // The gateway answers every frame with an id, if only that we do not sit there.
    const [document = "presently.probe"] = this.#seats.keys();
    this.#connection.probe(JSON.stringify({ type: "sync", id: "probe", document }));
  }

  /** @param {PresentlyError} error */
  #error(error) {
    if (this.#listeners.has("error")) this.#listeners.emit("error", error);
    else console.warn(`presently: ${error.message}`);
  }

  /** @param {ClientFrame} frame */
  #say(frame) {
    this.#connection.send(JSON.stringify(frame));
  }

  /** @param {import('./types.js').LiveEvent} event */
  #unhandled(event) {
    this.#listeners.emit("unhandled", event);
    if (this.#warned.add(event.type)) {
      console.warn(`presently: nobody listens for ${event.type} (first seen at ${event.subject})`);
    }
  }
}

function ended() {
  return new PresentlyError("closed", "the line to the gateway has ended");
}

/** @param {Options} o */
function introduction({ name = "web", version, lang }) {
  return { name, ...(version && { version }), ...(lang && { lang }) };
}

/** @returns {import('./types.js').Page | null} */
function windowOrNull() {
  return typeof globalThis.addEventListener === "function" && globalThis.document
    ? /** @type {any} */ (globalThis)
    : null;
}
