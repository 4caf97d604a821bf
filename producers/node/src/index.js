/**
 * Publish events to Presently, see who is where, mint the tokens of its browsers.
 *
 *     const publisher = await open("http://127.0.0.1:8002", { source: "/shop", apiKey });
 *     await publisher.publish(documentId("article", 42), "comment.added", { text: "nice" });
 *
 * Reading order: `errors` what can go wrong, `documents` ids and slots, `events` the envelope,
 * `publisher` the front door, `over-http`, `over-amqp` and `in-memory` what carries them, `listener`
 * and `bus` what a backend hears, `presence`, `tokens`, `testing`.
 */

/** @typedef {import("./bus.js").Heard} Heard */
/** @typedef {import("./events.js").Event} Event */
/** @typedef {import("./listener.js").What} What */
/** @typedef {import("./presence.js").Presence} Presence */
/** @typedef {import("./presence.js").User} User */
/** @typedef {import("./publisher.js").Options} Options */
/** @typedef {import("./tokens.js").Claims} Claims */

export { documentId, routingKey, slot } from "./documents.js";
export { InvalidEvent, PresentlyError, Unavailable } from "./errors.js";
export { listen } from "./listener.js";
export { open, Publisher } from "./publisher.js";
export { MemoryPublisher } from "./testing.js";
export { mintToken } from "./tokens.js";
