/**
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<amqp.ChannelModel>}
 * @throws {PresentlyError} The broker refuses user, password or vhost; anything else: it is away.
 */
export function connect(url: string, timeoutMs: number): Promise<amqp.ChannelModel>;
/**
 * @param {unknown} error
 * @param {string} [document] Whose event it was about: the broker's "no" to one event ends the
 *   channel for all, and names that one's topic.
 * @returns {PresentlyError | undefined} If it is the broker's "no", and to us.
 */
export function refusal(error: unknown, document?: string): PresentlyError | undefined;
import amqp from "amqplib";
import { PresentlyError } from "./errors.js";
