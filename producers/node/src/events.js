/**
 * The envelope: CloudEvents 1.0, structured, JSON. Checked before it is sent, so that a mistake is
 * an exception here and not a dead letter there.
 */

import { randomUUID } from "node:crypto";

import { checkDocument } from "./documents.js";
import { InvalidEvent, words } from "./errors.js";

export const CONTENT_TYPE = "application/cloudevents+json";
export const BATCH_TYPE = "application/cloudevents-batch+json";
export const DATA_BYTES = 64 * 1024;
export const EVENT_BYTES = DATA_BYTES + 4 * 1024;

const TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const LONGEST = { id: 128, source: 256, type: 120 };
const OPS = ["c", "u", "d", "r", "t", "x"];

/**
 * @typedef {object} Event A CloudEvent.
 * @property {string} specversion
 * @property {string} id Unique within `source`.
 * @property {string} source
 * @property {string} type
 * @property {string} subject The document.
 * @property {string} [time]
 * @property {string | null} [actor] The user who caused it.
 * @property {Record<string, any>} [data]
 */
/**
 * @typedef {object} More
 * @property {string} [actor] The user who caused it: their own screens need not be told.
 * @property {string} [id] Repeating an id does no harm: it is shown once.
 * @property {Date} [time] When it happened; now if not given.
 */
/** @typedef {{ document: string, id: string, body: Buffer }} Message A checked event to send. */

/**
 * One event for each document, all under the same id.
 *
 * @param {string} source
 * @param {string | readonly string[]} documents
 * @param {string} type
 * @param {Record<string, any>} data
 * @param {More} more
 * @returns {Message[]}
 * @throws {InvalidEvent} With the path of the first fault.
 */
export function write(source, documents, type, data, { actor, id, time }) {
  const subjects = typeof documents === "string" ? [documents] : [...new Set(documents)];
  if (subjects.length === 0) throw new InvalidEvent("subject", "no document given");
  const at = time ?? new Date();
  if (!(at instanceof Date) || Number.isNaN(at.getTime()))
    throw new InvalidEvent("time", "expected a Date");
  return subjects.map((subject) => {
    const event = {
      specversion: "1.0",
      id: id ?? randomUUID(),
      source,
      type,
      subject,
      time: at.toISOString(),
      ...(actor == null ? {} : { actor }),
      data,
    };
    id = event.id;
    return { document: subject, id, body: check(event) };
  });
}

/**
 * The event as JSON, if it is one.
 *
 * @param {any} event
 * @returns {Buffer}
 * @throws {InvalidEvent} With the path of the first fault.
 */
export function check(event) {
  const body = json("", event);
  if (body.length > EVENT_BYTES) throw new InvalidEvent("", `larger than ${EVENT_BYTES} bytes`);
  if (!isObject(event)) throw new InvalidEvent("", "expected an object");
  for (const name of ["specversion", "id", "source", "type", "subject"]) {
    if (!(name in event)) throw new InvalidEvent(name, "missing");
    if (typeof event[name] !== "string") throw new InvalidEvent(name, "expected a string");
  }
  if (event.time !== undefined && typeof event.time !== "string")
    throw new InvalidEvent("time", "expected a string");
  if (event.actor != null && typeof event.actor !== "string")
    throw new InvalidEvent("actor", "expected a string");
  if (event.specversion !== "1.0") throw new InvalidEvent("specversion", "expected '1.0'");
  for (const [name, longest] of Object.entries(LONGEST)) {
    const length = [...event[name]].length;
    if (length < 1 || length > longest)
      throw new InvalidEvent(name, `expected 1 to ${longest} characters`);
  }
  checkDocument(event.subject);
  if (!TYPE.test(event.type))
    throw new InvalidEvent("type", "letters, digits, '_' and '-', in words joined by '.'");
  checkData(event.type, event.data);
  return body;
}

/** @param {string} type @param {any} [data] */
function checkData(type, data = {}) {
  if (!isObject(data)) throw new InvalidEvent("data", "expected an object");
  if (json("data", data).length > DATA_BYTES)
    throw new InvalidEvent("data", `larger than ${DATA_BYTES} bytes`);
  if (type === "presently.change") checkChange(data);
  else if (type.startsWith("presently.") && type !== "presently.resync")
    throw new InvalidEvent("type", "types that begin with 'presently.' are reserved");
}

/**
 * `presently.change` is what the relay sends; others may, for databases without one.
 *
 * @param {Record<string, any>} data
 */
function checkChange(data) {
  if (!OPS.includes(data.op)) throw new InvalidEvent("data.op", `expected one of ${OPS.join(", ")}`);
  if (typeof data.entity !== "string" || data.entity.length < 1 || data.entity.length > 200)
    throw new InvalidEvent("data.entity", "expected 1 to 200 characters");
  for (const name of ["key", "after", "before", "ctx"])
    if (data[name] !== undefined && !isObject(data[name]))
      throw new InvalidEvent(`data.${name}`, "expected an object");
  for (const name of ["changed", "omitted"]) {
    const columns = data[name] ?? [];
    if (!Array.isArray(columns)) throw new InvalidEvent(`data.${name}`, "expected an array");
    for (const [at, column] of columns.entries())
      if (typeof column !== "string")
        throw new InvalidEvent(`data.${name}[${at}]`, "expected a string");
  }
}

/** @param {unknown} value @returns {boolean} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string} at @param {unknown} value @returns {Buffer} */
function json(at, value) {
  try {
    return Buffer.from(JSON.stringify(value, finite) ?? "null");
  } catch (error) {
    throw new InvalidEvent(at || "data", `cannot be JSON: ${words(error)}`);
  }
}

/** JSON.stringify would write `null` for them. @param {string} _name @param {unknown} value */
function finite(_name, value) {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value}`);
  return value;
}
