/**
 * @param {string} url
 * @param {number} timeoutMs
 * @returns {Promise<amqp.ChannelModel>}
 * @throws {PresentlyError} The broker refuses user, password or vhost; anything else: it is away.
 */
export function connect(url: string, timeoutMs: number): Promise<amqp.ChannelModel>;
/**
 * @param {unknown} error
 * @returns {PresentlyError | undefined} If it is the broker's "no".
 */
export function refusal(error: unknown): PresentlyError | undefined;
import amqp from "amqplib";
import { PresentlyError } from "./errors.js";
