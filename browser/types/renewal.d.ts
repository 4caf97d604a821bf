export class Renewal {
    /**
     * @param {{tokens: import('./tokens.js').Tokens, clock: import('./types.js').Clock,
     *   random: () => number, requests: import('./requests.js').Requests,
     *   error: (error: PresentlyError) => void}} it
     */
    constructor(it: {
        tokens: import("./tokens.js").Tokens;
        clock: import("./types.js").Clock;
        random: () => number;
        requests: import("./requests.js").Requests;
        error: (error: PresentlyError) => void;
    });
    /** @param {number | undefined} expiresInMs */
    online(expiresInMs: number | undefined): void;
    offline(): void;
    /**
     * Get a token with which `document` may be joined. One at a time: two answers that overtake each
     * other would leave the line with the wrong one.
     *
     * @param {string} document
     * @returns {Promise<boolean>} false: there is none
     */
    pardon(document: string): Promise<boolean>;
    #private;
}
export type PresentlyError = import("./errors.js").PresentlyError;
