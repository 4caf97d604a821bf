/**
 * Asks the gateway and hears its answer: ids, deadlines, repeats. What waits is in `outbox.js`.
 *
 * @module
 */

import { delayFor } from "./backoff.js";
import { PresentlyError, fromFrame } from "./errors.js";
import { passes } from "./frames.js";
import { Outbox } from "./outbox.js";
import { Timers } from "./timers.js";

/** @typedef {import('./frames.js').ClientFrame} ClientFrame */
/** @typedef {import('./frames.js').JoinedFrame | import('./frames.js').OkFrame} Answer */
/** @typedef {(error: PresentlyError | null, answer: Answer | null) => void} Done */

/** The gateway's own time-out is the same (`schemas/limits.py`). */
export const REQUEST_MS = 10_000;
/** Until the gateway names its own: a bigger frame would end the whole line (1009). */
const FRAME_BYTES = 64 * 1024;
const AGAIN = "again:";

export class Requests {
  frameBytes = FRAME_BYTES;
  #outbox = new Outbox();
  /** @type {Map<string, Done>} */
  #done = new Map();
  #timers;
  #clock;
  #random;
  #write;

  /**
   * @param {import('./types.js').Clock} clock
   * @param {() => number} random
   * @param {(text: string) => boolean} write
   */
  constructor(clock, random, write) {
    this.#clock = clock;
    this.#random = random;
    this.#timers = new Timers(clock);
    this.#write = write;
  }

  /**
   * @param {() => ClientFrame} make
   * @param {Done} done   called once, never from inside this call
   * @param {{document?: string, event?: {id: string, type: string}, once?: boolean,
   *   hold?: boolean}} [o]
   *   event: what is sent, for the error
   *   hold: the seat is not taken yet; written by `resume`
   */
  ask(make, done, { document, event, once = false, hold = false } = {}) {
    if (this.#outbox.isFull) {
      const error = new PresentlyError("limit", "too many requests wait for an answer", {
        document,
        event,
      });
      queueMicrotask(() => done(error, null));
      return;
    }
    const until = this.#clock.now() + REQUEST_MS;
    const request = this.#outbox.add({ document, event, make, once, until });
    this.#done.set(request.id, done);
    this.#timers.set(request.id, REQUEST_MS, () => {
      const facts = { temporary: true, document, event };
      this.#settle(
        request,
        new PresentlyError("timeout", "no answer: the outcome is unknown", facts),
      );
    });
    if (!hold) this.#send(request);
  }

  /**
   * The same as a promise.
   *
   * @param {() => ClientFrame} make
   * @param {Parameters<Requests['ask']>[2]} o
   * @returns {Promise<any>}   the answer
   */
  asked(make, o) {
    return new Promise((resolve, reject) => {
      this.ask(make, (error, answer) => (error ? reject(error) : resolve(answer)), o);
    });
  }

  /**
   * @param {Answer | import('./frames.js').ErrorFrame} frame
   * @returns {boolean} false: nobody asked
   */
  answered(frame) {
    const request = this.#outbox.get(frame.id);
    if (!request) return false;
    if (frame.type !== "error") this.#settle(request, null, frame);
    else if (!this.#again(request, frame)) this.#settle(request, fromFrame(frame, request));
    return true;
  }

  /** The seat is taken: write what waited for it. @param {string} document */
  resume(document) {
    for (const request of this.#outbox.unsent(document)) this.#send(request);
  }

  /** The socket is gone. */
  lost() {
    const { gone, kept } = this.#outbox.lost();
    for (const { id } of kept) this.#timers.clear(AGAIN + id); // `resume` writes them now.
    for (const request of gone) {
      const { document, event } = request;
      const facts = { temporary: true, document, event };
      this.#settle(request, new PresentlyError("unavailable", "the connection was lost", facts));
    }
  }

  /** For good. @param {PresentlyError} error */
  close(error) {
    for (const request of this.#outbox.clear()) this.#settle(request, error);
  }

  /** @param {import('./outbox.js').Request} request */
  #send(request) {
    this.#timers.clear(AGAIN + request.id);
    const text = JSON.stringify({ ...request.make(), id: request.id });
    if (passes(text, this.frameBytes)) {
      request.sent = this.#write(text);
      return;
    }
    const error = new PresentlyError(
      "too_big",
      `a frame may have ${this.frameBytes} bytes`,
      request,
    );
    queueMicrotask(() => this.#settle(request, error));
  }

  /**
   * A temporary refusal of something that may be repeated is tried again while there is time.
   *
   * @param {import('./outbox.js').Request} request
   * @param {import('./frames.js').ErrorFrame} frame
   */
  #again(request, frame) {
    if (!frame.temporary || request.once) return false;
    const ms = frame.retry_in_ms ?? delayFor(1, this.#random());
    if (this.#clock.now() + ms >= request.until) return false;
    this.#timers.set(AGAIN + request.id, ms, () => this.#send(request));
    return true;
  }

  /**
   * @param {import('./outbox.js').Request} request
   * @param {PresentlyError | null} error
   * @param {Answer | null} [answer]
   */
  #settle(request, error, answer = null) {
    this.#outbox.drop(request);
    this.#timers.clear(request.id, AGAIN + request.id);
    const done = this.#done.get(request.id);
    this.#done.delete(request.id);
    done?.(error, answer);
  }
}
