/**
 * The numbers of one document's events: which to deliver, which came already, where one is
 * missing. Pure.
 *
 * @module
 */
/** @typedef {import('./frames.js').EventFrame} EventFrame */
/** @typedef {import('./frames.js').JoinedFrame} JoinedFrame */
/**
 * All events of `epoch` up to `seq` were delivered. Null: never joined.
 * @typedef {{readonly epoch: string, readonly seq: number} | null} Position
 */
/**
 * The answer to a join.
 *
 * @param {Position} at
 * @param {JoinedFrame} joined
 * @returns {{at: Position, events: EventFrame[], reload: boolean}}
 *   events: what was missed, in order. reload: something was missed that cannot be had again
 */
export function onJoined(at: Position, joined: JoinedFrame): {
    at: Position;
    events: EventFrame[];
    reload: boolean;
};
/**
 * An event by itself.
 *
 * @param {Position} at
 * @param {number | undefined} seq   missing on ephemeral events, which are not numbered
 * @returns {{verdict: 'deliver' | 'drop' | 'gap', at: Position}}
 */
export function onEvent(at: Position, seq: number | undefined): {
    verdict: "deliver" | "drop" | "gap";
    at: Position;
};
export type EventFrame = import("./frames.js").EventFrame;
export type JoinedFrame = import("./frames.js").JoinedFrame;
/**
 * All events of `epoch` up to `seq` were delivered. Null: never joined.
 */
export type Position = {
    readonly epoch: string;
    readonly seq: number;
} | null;
