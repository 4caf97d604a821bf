export { listen } from "./listener.js";
export { MemoryPublisher } from "./testing.js";
export { mintToken } from "./tokens.js";
export { documentId, routingKey, slot } from "./documents.js";
export { InvalidEvent, PresentlyError, Unavailable } from "./errors.js";
export { open, Publisher } from "./publisher.js";
