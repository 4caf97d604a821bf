/**
 * The life of the line to the gateway, without socket, timer or clock. Pure.
 *
 * Everything that decides whether and when to come back is in this file. Feed `step` what happened;
 * it gives the next life and what to do, in order. An event that a phase does not know is late news
 * of something already given up (a timer, an old socket) and changes nothing.
 *
 *     idle → asking (for a token) → opening → greeting → online
 *                ↑                     └─────────┴─────────┴→ waiting → asking …
 *     parked: the page is in the back/forward cache · closed: for good
 *
 * @module
 */

import { delayFor } from "./backoff.js";
import { TOKEN_REFUSED, adviceFor } from "./close.js";

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
export const STABLE_MS = 5_000;

/** @type {Life} */
export const NEW = Object.freeze({ phase: "idle", attempt: 0, refused: false, patient: false });

/**
 * @param {Life} life
 * @param {Happening} happening
 * @returns {{life: Life, effects: Effect[]}}
 */
export function step(life, happening) {
  const known = /** @type {Partial<Record<string, Phase[]>>} */ (KNOWN)[happening.type];
  if (!known?.includes(life.phase)) return { life, effects: [] };
  switch (happening.type) {
    case "start":
    case "timer":
      return ask(life);
    case "unpark":
      return ask({ ...life, attempt: 0 });
    case "wake":
      return life.patient ? { life, effects: [] } : ask(life);
    case "moving": // The gateway asked us to; our place is elsewhere, at once.
      return ask({ ...life, attempt: 0 }, [{ do: "drop" }]);
    case "token":
      return { life: { ...life, phase: "opening" }, effects: [{ do: "open" }] };
    case "no-token":
      return later(life, happening.random, 0);
    case "opened":
      return { life: { ...life, phase: "greeting" }, effects: [{ do: "greet" }] };
    case "welcome":
      return { life: { ...life, phase: "online" }, effects: [] };
    case "impossible":
      return end(life, null);
    case "lost":
      return lost(life, happening);
    case "park":
      return { life: { ...life, phase: "parked" }, effects: [{ do: "drop" }] };
    case "close":
      return { life: { ...life, phase: "closed" }, effects: [{ do: "drop" }] };
  }
}

/** @type {Record<Happening['type'], Phase[]>} */
const KNOWN = {
  start: ["idle"],
  token: ["asking"],
  "no-token": ["asking"],
  opened: ["opening"],
  welcome: ["greeting"],
  impossible: ["opening"],
  lost: ["opening", "greeting", "online"],
  timer: ["waiting"],
  wake: ["waiting"],
  moving: ["online"],
  park: ["idle", "asking", "opening", "greeting", "online", "waiting"],
  unpark: ["parked"],
  close: ["idle", "asking", "opening", "greeting", "online", "waiting", "parked"],
};

/**
 * @param {Life} life
 * @param {Extract<Happening, {type: 'lost'}>} news
 * @returns {{life: Life, effects: Effect[]}}
 */
function lost(life, { code, upMs, random, renewable }) {
  const stable = life.phase === "online" && upMs >= STABLE_MS;
  const rested = stable ? { ...life, attempt: 0, refused: false } : life;
  const advice = adviceFor(code);
  switch (advice.do) {
    case "stop":
      return end(rested, code);
    case "token":
      if (rested.refused || !renewable) return end(rested, TOKEN_REFUSED);
      return ask({ ...rested, refused: true }, [], true);
    case "now":
      // At once, but once: a line that is cut again before it was stable waits like any other,
      // or a page that cannot keep up would knock without pause.
      if (rested.attempt === 0) return ask({ ...rested, attempt: 1 });
      return later(rested, random, 0);
    case "later":
      return later(rested, random, advice.floor);
  }
}

/**
 * @param {Life} life
 * @param {Effect[]} [before]
 * @param {boolean} [fresh]   a token kept from before will not do
 * @returns {{life: Life, effects: Effect[]}}
 */
function ask(life, before = [], fresh = false) {
  const asking = { ...life, phase: /** @type {const} */ ("asking"), patient: false };
  return { life: asking, effects: [...before, { do: "ask", fresh }] };
}

/**
 * @param {Life} life
 * @param {number} random
 * @param {number} floor
 * @returns {{life: Life, effects: Effect[]}}
 */
function later(life, random, floor) {
  const ms = delayFor(life.attempt, random, floor);
  const attempt = life.attempt + 1;
  const waiting = { ...life, phase: /** @type {const} */ ("waiting"), attempt, patient: floor > 0 };
  return { life: waiting, effects: [{ do: "wait", ms }] };
}

/**
 * @param {Life} life
 * @param {number | null} code
 * @returns {{life: Life, effects: Effect[]}}
 */
function end(life, code) {
  return { life: { ...life, phase: "closed" }, effects: [{ do: "end", code }] };
}

/**
 * What an application is told.
 *
 * @param {Life} life
 * @returns {import('./types.js').LiveState}
 */
export function stateOf({ phase }) {
  if (phase === "online" || phase === "closed") return phase;
  return phase === "waiting" || phase === "parked" ? "offline" : "connecting";
}
