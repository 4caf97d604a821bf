/** @typedef {import('./frames.js').GatewayFrame} GatewayFrame */
/** @typedef {import('./frames.js').WelcomeFrame} WelcomeFrame */
/** From opening the socket to `welcome`, in ms. A socket may hang for minutes by itself. */
export const WELCOME_MS: 10000;
/** How late, in ms, a ping may be before the line counts as dead: the gateway's own measure. */
export const SILENCE_MS: 10000;
/** How long, in ms, a probed line has to say anything. */
export const PROBE_MS: 2000;
/**
 * @typedef {object} Surroundings
 * @property {string} url
 * @property {any} WebSocket
 * @property {import('./types.js').Clock} clock
 * @property {() => number} random
 * @property {import('./tokens.js').Tokens} tokens
 * @property {import('./previous.js').Previous} previous
 * @property {Record<string, string>} client   how we introduce ourselves
 */
/**
 * @typedef {object} Hear
 * @property {(state: import('./types.js').LiveState) => void} state
 * @property {(welcome: WelcomeFrame) => void} welcome
 * @property {(frame: GatewayFrame) => void} frame   all but welcome, ping and drain
 * @property {() => void} lives     a probed line answered
 * @property {(error: PresentlyError) => void} error
 */
export class Connection {
    /**
     * @param {Surroundings} it
     * @param {Hear} hear
     */
    constructor(it: Surroundings, hear: Hear);
    get state(): import("./types.js").LiveState;
    /** The id of the present connection. */
    get id(): string | null;
    start(): void;
    /** @param {string} text @returns {boolean} false: not online */
    send(text: string): boolean;
    close(): void;
    /** The network or the page is back: do not wait out the back-off. */
    wake(): void;
    /** The page goes, perhaps into the back/forward cache. Its successor takes the seats over. */
    park(): void;
    /** The page is back out of the cache. */
    unpark(): void;
    /**
     * Does the line still live? Sends `text`, which the gateway answers, and counts any frame.
     *
     * @param {string} text
     */
    probe(text: string): void;
    #private;
}
export type GatewayFrame = import("./frames.js").GatewayFrame;
export type WelcomeFrame = import("./frames.js").WelcomeFrame;
export type Surroundings = {
    url: string;
    WebSocket: any;
    clock: import("./types.js").Clock;
    random: () => number;
    tokens: import("./tokens.js").Tokens;
    previous: import("./previous.js").Previous;
    /**
     * how we introduce ourselves
     */
    client: Record<string, string>;
};
export type Hear = {
    state: (state: import("./types.js").LiveState) => void;
    welcome: (welcome: WelcomeFrame) => void;
    /**
     * all but welcome, ping and drain
     */
    frame: (frame: GatewayFrame) => void;
    /**
     * a probed line answered
     */
    lives: () => void;
    error: (error: PresentlyError) => void;
};
import { PresentlyError } from "./errors.js";
