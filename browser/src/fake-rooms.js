/**
 * What the gateway in memory knows of its documents: who is there, how many events there were, and
 * where the one client sits.
 *
 * @module
 */

import { listAround } from "./ids.js";
import { isAnew } from "./router.js";

/** @typedef {import('./types.js').User} User */
/** @typedef {{users: Map<string, User>, epoch: string, seq: number, log: any[], v: number,
 *   seated: boolean, lease: import('./types.js').Lease | null}} Room */

export class FakeRooms {
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  #me;
  #fence = 0;

  /** @param {{id: string, name: string, info: object}} me */
  constructor(me) {
    this.#me = me;
  }

  /** The client is back on a new socket, with no seat. */
  reconnected() {
    for (const room of this.#rooms.values()) {
      room.seated = false;
      room.users.delete(this.#me.id);
    } // As after a short break: a lease is kept for the page that comes back.
  }

  /** What the gateway answers. @param {any} frame @returns {object[]} */
  answer(frame) {
    const { id, document, type } = frame;
    switch (type) {
      case "join":
        return this.#join(frame);
      case "update":
        return this.#update(frame);
      case "leave":
        this.#room(document).seated = false;
        this.#giveUp(document);
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

  /** Somebody has the lease now, or nobody. @param {string} document @param {string | null} user */
  lease(document, user) {
    const room = this.#room(document);
    const before = room.lease;
    room.lease = user === null ? null : { user, fence: ++this.#fence };
    const mine = before?.user === this.#me.id && room.seated;
    const lost = { type: "lease", document, lost: "expired", fence: before?.fence };
    return [...(mine ? [lost] : []), ...this.#told(document, { users: [], left: [] })];
  }

  /** @param {string} document @param {any} event @param {boolean} [ephemeral] */
  emit(document, event, ephemeral = false) {
    const room = this.#room(document);
    const id = `${room.epoch}-${document}-${room.seq + 1}`;
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
    const heard = room.seated || this.#room(listAround(document)).seated;
    const anew = isAnew(whole) && listAround(document) === document;
    return [...(heard ? [numbered] : []), ...(anew ? this.#beginAnew(document) : [])];
  }

  /** Nobody can say what changed in a collection. @param {string} list @returns {object[]} */
  #beginAnew(list) {
    const frames = [];
    for (const [document, room] of this.#rooms) {
      if (document === list || listAround(document) !== list) continue;
      Object.assign(room, { epoch: `${room.epoch}+`, seq: 0, log: [] });
      if (room.seated) frames.push({ type: "reset", document, epoch: room.epoch, seq: 0 });
    }
    return frames;
  }

  /** @param {any} frame @returns {object[]} */
  #update({ id, document, mode, state, lease }) {
    const room = this.#room(document);
    const { lease: held } = room;
    if (lease && held && held.user !== this.#me.id) {
      const by = room.users.get(held.user) ?? { id: held.user, name: held.user };
      const message = `${by.name} is editing ${document}`;
      const refused = { type: "error", id, document, code: "locked", message, temporary: false };
      return [{ ...refused, by: { id: by.id, name: by.name } }];
    }
    if (lease) room.lease = held ?? { user: this.#me.id, fence: ++this.#fence };
    if (lease === false) this.#giveUp(document);
    const fence = lease && room.lease ? { fence: room.lease.fence } : {};
    return [{ type: "ok", id, ...fence }, ...this.#seat(document, mode, state)];
  }

  /** @param {string} document */
  #giveUp(document) {
    const room = this.#room(document);
    if (room.lease?.user === this.#me.id) room.lease = null;
  }

  /** @param {any} frame */
  #join({ id, document, mode, state, since, lease }) {
    const room = this.#room(document);
    room.seated = true;
    if (room.lease?.fence !== lease) this.#giveUp(document);
    const others = this.#seat(document, mode, state).filter((one) => one.type === "summary");
    const { type: _, document: __, ...presence } = this.#presence(document);
    const list = document.endsWith(".~") && { summary: this.#summary(document) };
    const recovered = since?.epoch === room.epoch;
    const events = recovered ? room.log.slice(since.seq) : [];
    const joined = { type: "joined", id, document, epoch: room.epoch, seq: room.seq };
    return [{ ...joined, recovered, events, presence, ...list }, ...others];
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
    const rest = { left: [], counts, complete: true, lease: room.lease };
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
    const nobody = { users: new Map(), log: [], v: 0, seated: false, lease: null };
    const room = known ?? { ...nobody, epoch: "fake", seq: 0 };
    this.#rooms.set(document, room);
    return room;
  }
}
