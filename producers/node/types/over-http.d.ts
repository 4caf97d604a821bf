/** @typedef {import("./events.js").Message} Message */
export class HttpLine {
    /**
     * @param {URL} url The API key may stand in it: `http://key@host:port`.
     * @param {string} apiKey
     * @param {number} timeoutMs
     */
    constructor(url: URL, apiKey: string, timeoutMs: number);
    /**
     * Resolves once the hub's queue has taken all of them.
     *
     * @param {Message[]} messages
     */
    send(messages: Message[]): Promise<void>;
    /**
     * @param {string} document
     * @returns {Promise<import("./presence.js").Presence>}
     */
    presence(document: string): Promise<import("./presence.js").Presence>;
    close(): Promise<void>;
    #private;
}
export type Message = import("./events.js").Message;
