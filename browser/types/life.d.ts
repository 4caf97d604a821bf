/**
 * @param {Life} life
 * @param {Happening} happening
 * @returns {{life: Life, effects: Effect[]}}
 */
export function step(life: Life, happening: Happening): {
    life: Life;
    effects: Effect[];
};
/**
 * What an application is told.
 *
 * @param {Life} life
 * @returns {import('./types.js').LiveState}
 */
export function stateOf({ phase }: Life): import("./types.js").LiveState;
/** @typedef {'idle' | 'asking' | 'opening' | 'greeting' | 'online' | 'waiting' | 'parked'
 *   | 'closed'} Phase */
/**
 * @typedef {object} Life
 * @property {Phase} phase
 * @property {number} attempt      tries since the line last stayed up for `STABLE_MS`
 * @property {boolean} refused     the gateway refused a token since then
 * @property {boolean} patient     the present wait was demanded and may not be cut short
 */
/**
 * @typedef {{type: 'start' | 'token' | 'opened' | 'welcome' | 'timer' | 'wake' | 'moving' | 'park'
 *     | 'unpark' | 'close'}
 *   | {type: 'no-token', random: number}
 *   | {type: 'impossible'}
 *   | {type: 'lost', code: number, upMs: number, random: number, renewable: boolean}} Happening
 *
 * `upMs`: how long the line was online. `renewable`: another token can be asked for.
 */
/**
 * @typedef {{do: 'ask', fresh: boolean} | {do: 'open'} | {do: 'greet'} | {do: 'wait', ms: number}
 *   | {do: 'drop'} | {do: 'end', code: number | null}} Effect
 */
/** A line that stayed up this long, in ms, starts its waits from the shortest again. */
export const STABLE_MS: 5000;
/** @type {Life} */
export const NEW: Life;
export type Phase = "idle" | "asking" | "opening" | "greeting" | "online" | "waiting" | "parked" | "closed";
export type Life = {
    phase: Phase;
    /**
     * tries since the line last stayed up for `STABLE_MS`
     */
    attempt: number;
    /**
     * the gateway refused a token since then
     */
    refused: boolean;
    /**
     * the present wait was demanded and may not be cut short
     */
    patient: boolean;
};
/**
 * `upMs`: how long the line was online. `renewable`: another token can be asked for.
 */
export type Happening = {
    type: "start" | "token" | "opened" | "welcome" | "timer" | "wake" | "moving" | "park" | "unpark" | "close";
} | {
    type: "no-token";
    random: number;
} | {
    type: "impossible";
} | {
    type: "lost";
    code: number;
    upMs: number;
    random: number;
    renewable: boolean;
};
export type Effect = {
    do: "ask";
    fresh: boolean;
} | {
    do: "open";
} | {
    do: "greet";
} | {
    do: "wait";
    ms: number;
} | {
    do: "drop";
} | {
    do: "end";
    code: number | null;
};
