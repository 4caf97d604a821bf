/**
 * @typedef {object} User One user at one document, all their tabs taken together.
 * @property {string} id
 * @property {string} name
 * @property {"watching" | "reading" | "editing"} mode
 * @property {Record<string, any>} info
 * @property {Record<string, any>} state What they say there.
 */
/**
 * @typedef {object} Presence Everybody at a document.
 * @property {string} document
 * @property {User[]} users
 * @property {{ reading: number, editing: number }} counts How many users; `users` may list fewer.
 * @property {boolean} complete Whether `users` lists everybody.
 * @property {{ user: string, fence: number } | null} lease
 * @property {string} epoch
 * @property {number} seq Number of its latest event, within `epoch`.
 */
/**
 * Out of the API's answer. Fields we do not know are left out.
 *
 * @param {any} answer
 * @returns {Presence}
 */
export function readPresence(answer: any): Presence;
/** @typedef {{ joined: User[], changed: User[], left: string[] }} Difference */
/**
 * Presence frames taken together: the users of each document that has any.
 *
 * A listener that begins late learns of a user when they next change.
 */
export class Rooms {
    /**
     * The users known to be at a document.
     *
     * @param {string} document
     * @returns {User[]}
     */
    users(document: string): User[];
    /**
     * Take a presence frame in; tell what is new in it.
     *
     * @param {{ document: string, full: boolean, users: User[], left: string[] }} frame
     * @returns {Difference}
     */
    take({ document, full, users, left }: {
        document: string;
        full: boolean;
        users: User[];
        left: string[];
    }): Difference;
    #private;
}
/**
 * One user at one document, all their tabs taken together.
 */
export type User = {
    id: string;
    name: string;
    mode: "watching" | "reading" | "editing";
    info: Record<string, any>;
    /**
     * What they say there.
     */
    state: Record<string, any>;
};
/**
 * Everybody at a document.
 */
export type Presence = {
    document: string;
    users: User[];
    /**
     * How many users; `users` may list fewer.
     */
    counts: {
        reading: number;
        editing: number;
    };
    /**
     * Whether `users` lists everybody.
     */
    complete: boolean;
    lease: {
        user: string;
        fence: number;
    } | null;
    epoch: string;
    /**
     * Number of its latest event, within `epoch`.
     */
    seq: number;
};
export type Difference = {
    joined: User[];
    changed: User[];
    left: string[];
};
