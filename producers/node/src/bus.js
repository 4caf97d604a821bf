/** What messages of the bus say to a backend: `docs/bus.md`, "Listening". */

import { decode } from "@msgpack/msgpack";

import { slot } from "./documents.js";
import { Rooms } from "./presence.js";

/** Documents whose position is kept, to tell repeats. */
export const POSITIONS = 10_000;

/** @typedef {import("./presence.js").User} User */
/** @typedef {import("./presence.js").Presence} Presence */
/** @typedef {{ what: "listening" }} Listening From here on we hear all; before, we may have not. */
/**
 * @typedef {{ what: "event", document: string, epoch: string, seq: number,
 *   event: import("./events.js").Event }} EventHeard `seq` is 0 for what is not kept.
 */
/**
 * @typedef {{ what: "presence", document: string, joined: User[], changed: User[], left: string[],
 *   users: User[], counts: Presence["counts"], lease: Presence["lease"] }} PresenceHeard
 */
/** @typedef {{ what: "reset", document: string, epoch: string, seq: number }} ResetHeard */
/**
 * @typedef {{ what: "connect", connection: string, user: string, name: string, gateway: string,
 *   at: number, address: string, agent: string, origin: string,
 *   client: Record<string, string> }} ConnectHeard
 */
/**
 * @typedef {{ what: "receive", document: string, connection: string, at: number,
 *   act: Record<string, any> & { kind: string } }} ReceiveHeard `act.kind` is `join`, `update`,
 *   `send`, `away` or `leave`.
 */
/**
 * @typedef {{ what: "disconnect", connection: string, user: string, gateway: string, at: number,
 *   code: number, cause: string, duration_ms: number }} DisconnectHeard
 */
/** @typedef {{ what: "gateway_lost", gateway: string, at: number }} GatewayLostHeard */
/**
 * @typedef {Listening | EventHeard | PresenceHeard | ResetHeard | ConnectHeard | ReceiveHeard |
 *   DisconnectHeard | GatewayLostHeard} Heard
 */

/**
 * @typedef {{ content: Buffer, fields: { exchange: string }, properties: { headers?: any } }}
 *   BusMessage
 */

/** Turns messages into what they say; drops repeats and what a former owner of a shard still says. */
export class Reader {
  #rooms = new Rooms();
  /** @type {Map<number, number>} */
  #generations = new Map();
  /** @type {Map<string, string>} */
  #positions = new Map();

  /**
   * @param {BusMessage} message
   * @returns {Heard[]} Nothing for a message that is none.
   */
  read(message) {
    try {
      return this.#read(message);
    } catch {
      return [];
    }
  }

  /** @param {BusMessage} message @returns {Heard[]} */
  #read({ content, fields, properties }) {
    if (fields.exchange === "hub.clients") return client(/** @type {any} */ (decode(content)));
    const { w: what, d: document, g: generation, e: epoch, s: seq } = properties.headers ?? {};
    if (typeof document !== "string" || this.#isOld(slot(document), generation)) return [];
    const frame = JSON.parse(content.toString());
    switch (what) {
      case "event":
        if (seq > 0 && this.#isRepeat(document, epoch, seq)) return [];
        return [{ what, document, epoch, seq, event: frame.event }];
      case "presence":
        return [this.#presence(frame)];
      case "reset":
        return [{ what, document, epoch, seq }];
      default:
        return [];
    }
  }

  /** @param {any} frame @returns {PresenceHeard} */
  #presence(frame) {
    const { document, counts, lease } = frame;
    const difference = this.#rooms.take(frame);
    const users = this.#rooms.users(document);
    return { what: "presence", document, ...difference, users, counts, lease };
  }

  /** @param {number} place @param {number} generation */
  #isOld(place, generation) {
    if (generation < (this.#generations.get(place) ?? 0)) return true;
    this.#generations.set(place, generation);
    return false;
  }

  /** @param {string} document @param {string} epoch @param {number} seq */
  #isRepeat(document, epoch, seq) {
    const [knownEpoch, known = 0] = (this.#positions.get(document) ?? "").split(" ");
    if (epoch === knownEpoch && seq <= Number(known)) return true;
    this.#positions.delete(document);
    this.#positions.set(document, `${epoch} ${seq}`);
    if (this.#positions.size > POSITIONS) {
      for (const oldest of this.#positions.keys()) {
        this.#positions.delete(oldest);
        break;
      }
    }
    return false;
  }
}

/** @param {Record<string, any>} message @returns {Heard[]} */
function client({ kind, ...facts }) {
  switch (kind) {
    case "connect":
    case "disconnect":
    case "gateway_lost":
      return [/** @type {any} */ ({ what: kind, ...facts })];
    case "acts":
      return facts.acts
        .filter((/** @type {any} */ act) => act.connection) // a gateway's own questions have none
        .map((/** @type {any} */ { connection, ...act }) => ({
          what: "receive",
          document: facts.document,
          connection,
          at: facts.at,
          act: withJson(act),
        }));
    default:
      return [];
  }
}

/** JSON inside msgpack is carried as bytes. @param {Record<string, any>} act */
function withJson(act) {
  return Object.fromEntries(
    Object.entries(act).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? JSON.parse(Buffer.from(value).toString()) : value,
    ]),
  );
}
