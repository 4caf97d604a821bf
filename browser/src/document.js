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
export function onJoined(at, joined) {
  const next = { epoch: joined.epoch ?? "", seq: joined.seq ?? 0 };
  // The first join has missed nothing: the application is about to fetch the document.
  if (at === null) return { at: next, events: [], reload: false };
  if (!joined.recovered) return { at: next, events: [], reload: true };
  const events = (joined.events ?? []).filter((frame) => (frame.seq ?? 0) > at.seq);
  return { at: next, events, reload: false };
}

/**
 * An event by itself.
 *
 * @param {Position} at
 * @param {number | undefined} seq   missing on ephemeral events, which are not numbered
 * @returns {{verdict: 'deliver' | 'drop' | 'gap', at: Position}}
 */
export function onEvent(at, seq) {
  if (seq === undefined) return { verdict: "deliver", at };
  if (at === null || seq <= at.seq) return { verdict: "drop", at };
  if (seq > at.seq + 1) return { verdict: "gap", at };
  return { verdict: "deliver", at: { epoch: at.epoch, seq } };
}
