/** One connection to the broker, with what refuses us told from what is merely away. */

import amqp from "amqplib";

import { routingKey } from "./documents.js";
import { PresentlyError, words } from "./errors.js";

/** A broker that says nothing for twice as long is gone. `?heartbeat=` in the URL overrides it. */
const HEARTBEAT_SECONDS = 10;

/**
 * ACCESS_REFUSED and NOT_ALLOWED (AMQP 0-9-1 §1.2): the user, password, vhost or right is wrong.
 * The client does not tell why a vhost was not opened.
 */
const REFUSED = /\b(?:403|530)\b|ConnectionOpenOk; got <ConnectionClose/;

/**
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<amqp.ChannelModel>}
 * @throws {PresentlyError} The broker refuses user, password or vhost; anything else: it is away.
 */
export async function connect(url, timeoutMs) {
  const address = new URL(url);
  if (!address.searchParams.has("heartbeat"))
    address.searchParams.set("heartbeat", String(HEARTBEAT_SECONDS));
  try {
    const connection = await amqp.connect(address.href, { timeout: timeoutMs });
    connection.on("error", () => {}); // "close" follows; without a listener Node would exit
    return connection;
  } catch (error) {
    throw refusal(error) ?? error;
  }
}

/**
 * @param {unknown} error
 * @param {string} [document] Whose event it was about: the broker's "no" to one event ends the
 *   channel for all, and names that one's topic.
 * @returns {PresentlyError | undefined} If it is the broker's "no", and to us.
 */
export function refusal(error, document) {
  const said = words(error);
  const topic = /access to topic '([^']*)'/.exec(said)?.[1];
  if (topic !== undefined && document !== undefined && topic !== routingKey(document)) return undefined;
  return REFUSED.test(said) ? new PresentlyError(`the broker refuses us: ${said}`) : undefined;
}
