/** An application that has not answered after this, in ms, will be asked again later. */
export const ANSWER_MS: 10000;
export class Tokens {
    /**
     * @param {import('./types.js').TokenSource | undefined} source
     * @param {import('./types.js').Clock} clock
     */
    constructor(source: import("./types.js").TokenSource | undefined, clock: import("./types.js").Clock);
    /** Whether asking again can give another token. */
    get renewable(): boolean;
    /** The token last given, whether the gateway took it or not. */
    get current(): string | null;
    /**
     * A token to connect with; undefined for an anonymous line.
     *
     * @param {boolean} fresh   the kept one was refused
     * @returns {Promise<string | undefined>}
     * @throws {PresentlyError} code `token`
     */
    forConnect(fresh: boolean): Promise<string | undefined>;
    /**
     * Ask the application. What it gives is kept.
     *
     * @param {import('./types.js').Ask} ask
     * @returns {Promise<string>}
     * @throws {PresentlyError} code `token`: it failed, gave none, or took longer than `ANSWER_MS`
     */
    ask(ask: import("./types.js").Ask): Promise<string>;
    /**
     * The gateway took the token.
     *
     * @param {number | undefined} expiresInMs   undefined: as long as the one before
     * @returns {number} ms until it ends
     */
    accepted(expiresInMs?: number | undefined): number;
    #private;
}
