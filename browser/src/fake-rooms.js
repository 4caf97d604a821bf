/**
 * What the gateway in memory knows of its documents: who is there, how many events there were, and
 * where the one client sits.
 *
 * @module
 */

import { listAround } from "./ids.js";

/** @typedef {import('./types.js').User} User */
/** @typedef {{users: Map<string, User>, seq: number, log: any[], v: number,
 *   seated: boolean}} Room */

export class FakeRooms {
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #me;

  /** @param {{id: string, name: string, info: object}} me */
  constructor(me) {
    this.#me = me;
  }

  /** The client is back on a new socket, with no seat. */
  reconnected() {
    for (const room of this.#rooms.values()) {
      room.seated = false;
      room.users.delete(this.#me.id);
    }
  }

  /** What the gateway answers. @param {any} frame @returns {object[]} */
  answer(frame) {
    const { id, document, type } = frame;
    switch (type) {
      case "join":
        return this.#join(frame);
      case "update":
        return [{ type: "ok", id }, ...this.#seat(document, frame.mode, frame.state)];
      case "leave":
        this.#room(document).seated = false;
        return [{ type: "ok", id }, ...this.depart(document, this.#me.id)];
      case "send": {
        const event = { ...frame.event, actor: this.#me.id };
        const said = this.emit(document, event, frame.ephemeral);
        return [
          { type: "ok", id, ...(!frame.ephemeral && { seq: this.#room(document).seq }) },
          ...said,
        ];
      }
      case "sync":
        return [{ type: "ok", id }, this.#presence(document)];
      default:
        return [];
    }
  }

  /** @param {string} document @param {any} person @param {any} mode @param {any} state */
  arrive(document, person, mode, state) {
    const user = { name: person.id, info: {}, ...person, mode, state };
    this.#room(document).users.set(person.id, user);
    return this.#told(document, { users: [user], left: [] });
  }

  /** @param {string} document @param {string} id */
  depart(document, id) {
    const here = this.#room(document).users.delete(id);
    return here ? this.#told(document, { users: [], left: [id] }) : [];
  }

  /** @param {string} document @param {any} event @param {boolean} [ephemeral] */
  emit(document, event, ephemeral = false) {
    const room = this.#room(document);
    const id = `fake-${document}-${room.seq + 1}`;
    const whole = {
      specversion: "1.0",
      id,
      source: "/fake",
      subject: document,
      data: {},
      ...event,
    };
    const frame = { type: "event", document, event: whole };
    const numbered = ephemeral ? frame : { ...frame, seq: ++room.seq };
    if (!ephemeral) room.log.push(numbered);
    return room.seated || this.#room(listAround(document)).seated ? [numbered] : [];
  }

  /** @param {any} frame */
  #join({ id, document, mode, state, since }) {
    const room = this.#room(document);
    room.seated = true;
    const others = this.#seat(document, mode, state).filter((one) => one.type === "summary");
    const { type: _, document: __, ...presence } = this.#presence(document);
    const list = document.endsWith(".~") && { summary: this.#summary(document) };
    const events = since ? room.log.slice(since.seq) : [];
    const joined = { type: "joined", id, document, epoch: "fake", seq: room.seq };
    return [{ ...joined, recovered: Boolean(since), events, presence, ...list }, ...others];
  }

  /** @param {string} document @param {any} mode @param {any} state @returns {any[]} */
  #seat(document, mode, state = {}) {
    return mode === "watching"
      ? this.depart(document, this.#me.id)
      : this.arrive(document, this.#me, mode, state);
  }

  /** @param {string} document @param {{users: User[], left: string[]}} change @returns {any[]} */
  #told(document, change) {
    const room = this.#room(document);
    const list = listAround(document);
    const frames = [];
    if (room.seated) {
      const { users: _, ...rest } = this.#presence(document);
      frames.push({ ...rest, ...change, full: false });
    }
    if (this.#room(list).seated && list !== document) {
      const v = ++this.#room(list).v;
      const documents = [this.#member(document)];
      frames.push({ type: "summary", document: list, v, full: false, complete: true, documents });
    }
    return frames;
  }

  /** @param {string} document */
  #presence(document) {
    const room = this.#room(document);
    const { users, counts } = this.#member(document);
    const rest = { left: [], counts, complete: true, lease: null };
    return { type: "presence", document, v: ++room.v, full: true, users, ...rest };
  }

  /** @param {string} list */
  #summary(list) {
    const members = [...this.#rooms.keys()].filter(
      (one) => one !== list && listAround(one) === list,
    );
    const documents = members.map((one) => this.#member(one)).filter((one) => one.users.length > 0);
    return { v: ++this.#room(list).v, full: true, complete: true, documents };
  }

  /** @param {string} document */
  #member(document) {
    const users = [...this.#room(document).users.values()];
    const editing = users.filter((user) => user.mode === "editing").length;
    return { document, users, counts: { reading: users.length - editing, editing } };
  }

  /** @param {string} document @returns {Room} */
  #room(document) {
    const known = this.#rooms.get(document);
    const room = known ?? { users: new Map(), seq: 0, log: [], v: 0, seated: false };
    this.#rooms.set(document, room);
    return room;
  }
}
