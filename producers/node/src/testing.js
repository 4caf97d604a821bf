/** For the tests of your code: no broker, no Presently. */

import { MemoryLine } from "./in-memory.js";
import { Publisher } from "./publisher.js";

/** A publisher that remembers: hand it to your code, then look at `events`. */
export class MemoryPublisher extends Publisher {
  /** @param {string} [source] */
  constructor(source = "/test") {
    const line = new MemoryLine();
    super(line, source);
    /** @type {readonly import("./events.js").Event[]} */
    this.events = line.events;
  }
}
