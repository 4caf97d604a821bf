/** @typedef {import("./events.js").Message} Message */
/** @typedef {import("amqplib").ChannelModel} Connection */
/** @typedef {import("amqplib").ConfirmChannel} Channel */
export const EXCHANGE: "hub.in";
/** Events not confirmed yet, at most. */
export const WAITING: 1000;
export class AmqpLine {
    /** @param {string} url @param {number} timeoutMs */
    constructor(url: string, timeoutMs: number);
    /**
     * Connect now, to learn of mistakes now.
     *
     * @throws {PresentlyError | Unavailable}
     */
    open(): Promise<void>;
    /**
     * Resolves once the broker has taken responsibility for all of them.
     *
     * @param {Message[]} messages
     */
    send(messages: Message[]): Promise<void>;
    /** What is being delivered comes first: it would connect again, and leave that open. */
    close(): Promise<void>;
    #private;
}
export type Message = import("./events.js").Message;
export type Connection = import("amqplib").ChannelModel;
export type Channel = import("amqplib").ConfirmChannel;
