/** `memory://`: events go into a list, checked as they would be, and nowhere else. */

/** @typedef {import("./events.js").Event} Event */

/** Nobody is ever anywhere. */
export class MemoryLine {
  /** @type {Event[]} */
  events = [];

  /** @param {import("./events.js").Message[]} messages */
  async send(messages) {
    for (const { body } of messages) this.events.push(JSON.parse(body.toString()));
  }

  /**
   * @param {string} document
   * @returns {Promise<import("./presence.js").Presence>}
   */
  async presence(document) {
    const counts = { reading: 0, editing: 0 };
    return { document, users: [], counts, complete: true, lease: null, epoch: "", seq: 0 };
  }

  async close() {}
}
