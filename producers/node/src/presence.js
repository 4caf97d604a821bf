/** Who is at a document: as the HTTP API tells it, and as it changes on the bus. */

import { isDeepStrictEqual } from "node:util";

/**
 * @typedef {object} User One user at one document, all their tabs taken together.
 * @property {string} id
 * @property {string} name
 * @property {"watching" | "reading" | "editing"} mode
 * @property {Record<string, any>} info
 * @property {Record<string, any>} state What they say there.
 */
/**
 * @typedef {object} Presence Everybody at a document.
 * @property {string} document
 * @property {User[]} users
 * @property {{ reading: number, editing: number }} counts How many users; `users` may list fewer.
 * @property {boolean} complete Whether `users` lists everybody.
 * @property {{ user: string, fence: number } | null} lease
 * @property {string} epoch
 * @property {number} seq Number of its latest event, within `epoch`.
 */

/**
 * Out of the API's answer. Fields we do not know are left out.
 *
 * @param {any} answer
 * @returns {Presence}
 */
export function readPresence(answer) {
  const { document, users, counts, complete = true, lease = null, epoch = "", seq = 0 } = answer;
  if (typeof document !== "string" || !Array.isArray(users)) throw new TypeError("no presence");
  return {
    document,
    users: users.map(({ id, name, mode, info = {}, state = {} }) => ({
      id,
      name,
      mode,
      info,
      state,
    })),
    counts: { reading: counts?.reading ?? 0, editing: counts?.editing ?? 0 },
    complete,
    lease,
    epoch,
    seq,
  };
}

/** @typedef {{ joined: User[], changed: User[], left: string[] }} Difference */

/**
 * Presence frames taken together: the users of each document that has any.
 *
 * A listener that begins late learns of a user when they next change.
 */
export class Rooms {
  /** @type {Map<string, Map<string, User>>} */
  #rooms = new Map();

  /**
   * The users known to be at a document.
   *
   * @param {string} document
   * @returns {User[]}
   */
  users(document) {
    return [...(this.#rooms.get(document)?.values() ?? [])];
  }

  /**
   * Take a presence frame in; tell what is new in it.
   *
   * @param {{ document: string, full: boolean, users: User[], left: string[] }} frame
   * @returns {Difference}
   */
  take({ document, full, users, left }) {
    const before = this.#rooms.get(document) ?? new Map();
    const room = full ? new Map() : new Map(before);
    for (const user of users) room.set(user.id, user);
    for (const id of left) room.delete(id);
    if (room.size > 0) this.#rooms.set(document, room);
    else this.#rooms.delete(document);
    const now = [...room.values()];
    return {
      joined: now.filter(({ id }) => !before.has(id)),
      changed: now.filter((user) => before.has(user.id) && !isDeepStrictEqual(before.get(user.id), user)),
      left: [...before.keys()].filter((id) => !room.has(id)),
    };
  }
}
