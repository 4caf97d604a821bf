/** Let every promise that can go on go on. 50 turns are more than any chain in here is long. */
export function settle(): Promise<void>;
/**
 * Time for tests: stands still until it is told to go.
 *
 * @module
 */
export class FakeClock {
    now: () => number;
    /** @type {(call: () => void, ms: number) => number} */
    setTimeout: (call: () => void, ms: number) => number;
    /** @type {(timer: any) => void} */
    clearTimeout: (timer: any) => void;
    /** How long until each running timer, in ms, soonest first. */
    get waits(): number[];
    /**
     * Let `ms` pass: every timer due on the way is called at its time, and what it set off is
     * awaited.
     *
     * @param {number} [ms]
     */
    advance(ms?: number): Promise<void>;
    /** Time jumps, as for a sleeping machine: what is due is called late. @param {number} ms */
    sleep(ms: number): Promise<void>;
    #private;
}
