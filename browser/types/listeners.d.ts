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
    /** @param {string} type */
    has(type: string): boolean;
    /**
     * @param {string} type
     * @param {...unknown} args
     */
    emit(type: string, ...args: unknown[]): void;
    #private;
}
