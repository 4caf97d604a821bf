/** What can go wrong, split by whose fault it is and whether trying again helps. */

/** Root of the tree. Thrown itself when Presently refuses us: a wrong address, key or right. */
export class PresentlyError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** The caller's fault: this is no event, and was not sent. Trying again does not help. */
export class InvalidEvent extends PresentlyError {
  /**
   * @param {string} at Path of the first fault, such as `data.op`; empty for the whole.
   * @param {string} why
   */
  constructor(at, why) {
    super(at ? `${at}: ${why}` : why);
    this.at = at;
    this.why = why;
  }
}

/** The world's fault. Whether the event was taken is unknown: publish it again under `id`. */
export class Unavailable extends PresentlyError {
  /**
   * @param {string} why
   * @param {string} [id] The event's id; empty if it was not about an event.
   */
  constructor(why, id = "") {
    super(id ? `${why}; try again with id ${JSON.stringify(id)}` : why);
    this.why = why;
    this.id = id;
  }
}

/** @param {unknown} error @returns {string} */
export function words(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}
