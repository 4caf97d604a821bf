/**
 * The last ids seen, so that an event that comes by two ways is told once. Bounded: the oldest are
 * forgotten first.
 *
 * @module
 */
export class Seen {
    /** @param {number} most */
    constructor(most: number);
    /** Remember `id`. @param {string} id @returns {boolean} whether it is new */
    add(id: string): boolean;
    #private;
}
