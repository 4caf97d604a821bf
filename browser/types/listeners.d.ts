/**
 * Who wants to be called. One listener's mistake is reported and costs the others nothing.
 *
 * @module
 */
export class Listeners {
    /**
     * @param {string} type
     * @param {(...args: any[]) => void} call
     * @returns {() => void} takes the listener away again
     */
    on(type: string, call: (...args: any[]) => void): () => void;
    /**
     * Listen to how something is, not to what happens: who comes late is told on the next microtask,
     * and nobody is told the same thing twice running.
     *
     * @param {string} type
     * @param {(...args: any[]) => void} call   the first argument is another object at each change
     * @param {() => unknown[] | null} now      what `call` would be told now; null: not known
     * @returns {() => void} takes the listener away again
     */
    follow(type: string, call: (...args: any[]) => void, now: () => unknown[] | null): () => void;
    /** @param {string} type */
    has(type: string): boolean;
    /**
     * @param {string} type
     * @param {...unknown} args
     */
    emit(type: string, ...args: unknown[]): void;
    #private;
}
