export class Timers {
    /** @param {import('./types.js').Clock} clock */
    constructor(clock: import("./types.js").Clock);
    /**
     * @param {string} name
     * @param {number} ms     not finite: no timer
     * @param {() => void} call
     */
    set(name: string, ms: number, call: () => void): void;
    /** @param {...string} names */
    clear(...names: string[]): void;
    clearAll(): void;
    #private;
}
/** @type {import('./types.js').Clock} */
export const browserClock: import("./types.js").Clock;
