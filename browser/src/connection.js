/**
 * Keeps the line up: does what `life.js` decides with a socket, a token and timers.
 *
 * @module
 */

import { within } from "./backoff.js";
import { meaningOf } from "./close.js";
import { PresentlyError } from "./errors.js";
import { NEW, stateOf, step } from "./life.js";
import { ABNORMAL, openSocket } from "./socket.js";
import { Timers } from "./timers.js";

/** @typedef {import('./frames.js').GatewayFrame} GatewayFrame */
/** @typedef {import('./frames.js').WelcomeFrame} WelcomeFrame */

/** From opening the socket to `welcome`, in ms. A socket may hang for minutes by itself. */
export const WELCOME_MS = 10_000;
/** How late, in ms, a ping may be before the line counts as dead: the gateway's own measure. */
export const SILENCE_MS = 10_000;
/** How long, in ms, a probed line has to say anything. */
export const PROBE_MS = 2_000;
/** If a gateway names no interval. */
const PING_MS = 25_000;

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
  #it;
  #hear;
  #timers;
  #life = NEW;
  /** @type {import('./types.js').LiveState} */
  #told = "connecting";
  /** @type {import('./socket.js').Socket | null} */
  #socket = null;
  /** Which asking for a token is the present one. */
  #turn = 0;
  /** Why the line was last closed, in the gateway's words. @type {string | undefined} */
  #reason;
  #upSince = 0;
  #heardAt = 0;
  /** Whether a probe has yet to be answered. */
  #probing = false;
  /** @type {string | undefined} */
  #token;
  /** @type {string | null} */
  #id = null;
  /** Our last connection, or the page's before: its seats are ours. @type {string | null} */
  #previous;

  /**
   * @param {Surroundings} it
   * @param {Hear} hear
   */
  constructor(it, hear) {
    this.#it = it;
    this.#hear = hear;
    this.#timers = new Timers(it.clock);
    this.#previous = it.previous.take();
  }

  get state() {
    return stateOf(this.#life);
  }

  /** The id of the present connection. */
  get id() {
    return this.#life.phase === "online" ? this.#id : null;
  }

  start() {
    this.#happened({ type: "start" });
  }

  /** @param {string} text @returns {boolean} false: not online */
  send(text) {
    return this.#life.phase === "online" && (this.#socket?.send(text) ?? false);
  }

  close() {
    this.#happened({ type: "close" });
  }

  /** The network or the page is back: do not wait out the back-off. */
  wake() {
    this.#happened({ type: "wake" });
  }

  /** The page goes, perhaps into the back/forward cache. Its successor takes the seats over. */
  park() {
    this.#it.previous.leave(this.#previous);
    this.#happened({ type: "park" });
  }

  /** The page is back out of the cache. */
  unpark() {
    // A page shown in between has left its own id; ours is older than that.
    this.#previous = this.#it.previous.take() ?? this.#previous;
    this.#happened({ type: "unpark" });
  }

  /**
   * Does the line still live? Sends `text`, which the gateway answers, and counts any frame.
   *
   * @param {string} text
   */
  probe(text) {
    if (!this.send(text)) return;
    this.#probing = true;
    this.#timers.set("probe", PROBE_MS, () => this.#lost(ABNORMAL));
  }

  /** @param {import('./life.js').Happening} happening */
  #happened(happening) {
    const { life, effects } = step(this.#life, happening);
    this.#life = life;
    for (const effect of effects) this.#do(effect);
    this.#tellState();
  }

  #tellState() {
    if (this.state === this.#told) return;
    this.#told = this.state;
    this.#hear.state(this.state);
  }

  /** @param {import('./life.js').Effect} effect */
  #do(effect) {
    this.#timers.clear("wait", "welcome");
    switch (effect.do) {
      case "ask":
        return void this.#ask(effect.fresh);
      case "open":
        return this.#open();
      case "greet":
        return this.#greet();
      case "wait":
        return this.#timers.set("wait", effect.ms, () => this.#happened({ type: "timer" }));
      case "drop":
        return this.#drop();
      case "end":
        return this.#end(effect.code);
    }
  }

  /** @param {boolean} fresh */
  async #ask(fresh) {
    const turn = ++this.#turn;
    try {
      const token = await this.#it.tokens.forConnect(fresh);
      if (turn !== this.#turn) return;
      this.#token = token;
      this.#happened({ type: "token" });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#happened({ type: "no-token", random: this.#it.random() });
      this.#hear.error(/** @type {PresentlyError} */ (error));
    }
  }

  #open() {
    // Set first: a socket that never says anything is given up as one that was lost.
    this.#timers.set("welcome", WELCOME_MS, () => this.#lost(ABNORMAL));
    try {
      this.#socket = openSocket(this.#it.WebSocket, this.#it.url, {
        opened: () => this.#happened({ type: "opened" }),
        frame: (frame) => this.#heard(frame),
        closed: (code, reason) => this.#lost(code, reason),
      });
    } catch (cause) {
      this.#hear.error(
        new PresentlyError("closed", `no connection is possible: ${cause}`, { cause }),
      );
      this.#happened({ type: "impossible" });
    }
  }

  #greet() {
    this.#timers.set("welcome", WELCOME_MS, () => this.#lost(ABNORMAL));
    const hello = { type: "hello", id: "0", token: this.#token, client: this.#it.client };
    const previous = this.#previous ?? undefined;
    this.#socket?.send(JSON.stringify({ ...hello, previous }));
  }

  /** @param {GatewayFrame} frame */
  #heard(frame) {
    this.#heardAt = this.#it.clock.now();
    if (this.#probing) this.#lives();
    if (frame.type === "ping") return void this.#socket?.send('{"type":"pong"}');
    if (frame.type === "drain") return this.#drain(frame.reconnect_in_ms);
    if (frame.type !== "welcome") return this.#hear.frame(frame);
    this.#welcome(frame);
  }

  #lives() {
    this.#probing = false;
    this.#timers.clear("probe");
    this.#hear.lives();
  }

  /** @param {WelcomeFrame} frame */
  #welcome(frame) {
    if (this.#life.phase !== "greeting") return;
    this.#timers.clear("welcome");
    this.#upSince = this.#it.clock.now();
    this.#id = this.#previous = frame.connection;
    this.#watch((frame.ping_ms || PING_MS) + SILENCE_MS);
    this.#life = step(this.#life, { type: "welcome" }).life;
    this.#hear.welcome(frame); // Before the state: a listener then finds `user` in place.
    this.#tellState();
  }

  /**
   * A line that died without a close frame is only noticed by its silence. The timer looks at the
   * clock when it fires, because a hidden page's timers fire late.
   *
   * @param {number} limit   ms
   */
  #watch(limit) {
    const left = limit - (this.#it.clock.now() - this.#heardAt);
    this.#timers.set("watch", left, () => {
      if (this.#it.clock.now() - this.#heardAt >= limit) this.#lost(ABNORMAL);
      else this.#watch(limit);
    });
  }

  /** @param {readonly [number, number] | undefined} window */
  #drain(window) {
    const ms = within(window, this.#it.random());
    this.#timers.set("move", ms, () => this.#happened({ type: "moving" }));
  }

  /** @param {number} code @param {string} [reason] the gateway's words */
  #lost(code, reason) {
    this.#reason = reason;
    const upMs = this.#it.clock.now() - this.#upSince;
    this.#drop();
    const renewable = this.#it.tokens.renewable;
    this.#happened({ type: "lost", code, upMs, random: this.#it.random(), renewable });
  }

  #drop() {
    this.#turn++;
    this.#probing = false;
    this.#timers.clearAll();
    this.#socket?.drop();
    this.#socket = null;
  }

  /** @param {number | null} code */
  #end(code) {
    this.#drop();
    if (code === null) return;
    this.#hear.error(new PresentlyError("closed", meaningOf(code, this.#reason), { closeCode: code }));
  }
}
