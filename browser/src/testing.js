/**
 * For an application's own tests: a gateway in memory, with no socket and no server.
 *
 *     import { connect } from "presently";
 *     import { FakeConnection, settle } from "presently/testing";
 *
 *     const fake = new FakeConnection({ user: { id: "leela", name: "Leela" } });
 *     const live = connect("ws://fake/", { WebSocket: fake.WebSocket, storage: null, page: null });
 *     const doc = live.join("article.42");
 *     await settle();
 *     fake.arrive("article.42", { id: "fry", name: "Fry" }, "editing");
 *     fake.emit("article.42", { type: "presently.change", actor: "fry", data: {} });
 *
 * @module
 */

import { FakeClock, settle } from "./fake-clock.js";
import { FakeRooms } from "./fake-rooms.js";

export { FakeClock, settle };

/** @typedef {import('./types.js').Mode} Mode */
/** @typedef {{id: string, name?: string, info?: Record<string, unknown>}} Person */

export class FakeConnection {
  /** Every frame the client sent, in order, over all sockets. @type {any[]} */
  sent = [];
  /** The tokens and connections it greeted with. @type {any[]} */
  hellos = [];
  /** How many sockets were opened. */
  opened = 0;
  /** The constructor to give to `connect`. @type {any} */
  WebSocket;
  /** Frames about these documents are refused. @type {Set<string>} */
  forbidden = new Set();
  #answers;
  #me;
  #rooms;
  /** @type {FakeSocket | null} */
  #socket = null;

  /**
   * @param {{user?: Person, answers?: boolean}} [o]
   *   answers: false leaves every frame to the test, which replies with `receive`
   */
  constructor({ user = { id: "me" }, answers = true } = {}) {
    const me = (this.#me = { name: user.id, info: {}, ...user });
    this.#answers = answers;
    this.#rooms = new FakeRooms(me);
    const connection = this;
    this.WebSocket = class extends FakeSocket {
      /** @param {string} url @param {string[]} protocols */
      constructor(url, protocols) {
        super(url, protocols);
        connection.#opening(this);
      }
    };
  }

  /** Whether a socket is open. */
  get online() {
    return this.#socket?.readyState === 1;
  }

  /** The frame last sent. */
  get last() {
    return this.sent.at(-1);
  }

  /** The frames sent of one type. @param {string} type */
  ofType(type) {
    return this.sent.filter((frame) => frame.type === type);
  }

  /** The gateway says `frame`. @param {object} frame */
  receive(frame) {
    this.#socket?.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The socket ends. @param {number} [code] 1006: without a close frame @param {string} [reason] */
  drop(code = 1006, reason = "") {
    const socket = this.#socket;
    this.#socket = null;
    socket?.end(code, reason);
  }

  /** Somebody comes to a document, or changes mode there. @param {string} document
   * @param {Person} person @param {Mode} [mode] @param {Record<string, unknown>} [state] */
  arrive(document, person, mode = "reading", state = {}) {
    this.#tell(this.#rooms.arrive(document, person, mode, state));
  }

  /**
   * Somebody gets the lease (null: nobody has it any more), whoever had it.
   *
   * @param {string} document
   * @param {string | null} user
   */
  lease(document, user) {
    this.#tell(this.#rooms.lease(document, user));
  }

  /** Somebody leaves. @param {string} document @param {string} id */
  depart(document, id) {
    this.#tell(this.#rooms.depart(document, id));
  }

  /**
   * Something happens at a document. Missing attributes are filled in.
   *
   * @param {string} document
   * @param {{type: string, [attribute: string]: unknown}} event
   */
  emit(document, event) {
    this.#tell(this.#rooms.emit(document, event));
  }

  /** @param {FakeSocket} socket */
  #opening(socket) {
    this.opened++;
    this.#socket = socket;
    socket.sent = (text) => this.#heard(JSON.parse(text));
    // As in a browser: not before the caller has put its listeners on.
    queueMicrotask(() => socket.open());
  }

  /** @param {any} frame */
  #heard(frame) {
    this.sent.push(frame);
    if (frame.type === "hello") this.hellos.push(frame);
    if (!this.#answers) return;
    const socket = this.#socket;
    // Never from inside `send`, as no gateway does; and not to a socket that is gone by then.
    queueMicrotask(() => socket === this.#socket && this.#tell(this.#answer(frame)));
  }

  /** @param {any} frame @returns {object[]} */
  #answer(frame) {
    const { type, id, document } = frame;
    if (type === "hello") return [this.#welcome(frame)];
    if (type === "token") return [{ type: "ok", id }];
    if (!this.forbidden.has(document)) return this.#rooms.answer(frame);
    const message = `not allowed at ${document}`;
    return [{ type: "error", id, document, code: "forbidden", message, temporary: false }];
  }

  /** @param {any} hello */
  #welcome({ id }) {
    this.#rooms.reconnected();
    return {
      type: "welcome",
      id,
      connection: `c.${this.opened}`,
      user: this.#me,
      ping_ms: 25_000,
      expires_in_ms: 3_600_000,
      limits: { frame_bytes: 65_536, data_bytes: 32_768, documents: 200 },
    };
  }

  /** @param {object[]} frames */
  #tell(frames) {
    for (const frame of frames) this.receive(frame);
  }
}

/** The part of a WebSocket that a client sees. */
class FakeSocket {
  readyState = 0;
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {((event: {data: string}) => void) | null} */
  onmessage = null;
  /** @type {((event: {code: number, reason: string}) => void) | null} */
  onclose = null;
  /** @type {(text: string) => void} */
  sent = () => {};

  /** @param {string} url @param {string[]} protocols */
  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  open() {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.();
  }

  /** @param {string} text */
  send(text) {
    if (this.readyState === 1) this.sent(text);
  }

  /** @param {number} [code] */
  close(code = 1005) {
    this.end(code);
  }

  /** @param {number} code @param {string} [reason] */
  end(code, reason = "") {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}
