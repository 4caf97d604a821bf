/** @typedef {import('./types.js').User} User */
/** @typedef {{users: Map<string, User>, epoch: string, seq: number, log: any[], v: number,
 *   seated: boolean, lease: import('./types.js').Lease | null}} Room */
export class FakeRooms {
    /** @param {{id: string, name: string, info: object}} me */
    constructor(me: {
        id: string;
        name: string;
        info: object;
    });
    /** The client is back on a new socket, with no seat. */
    reconnected(): void;
    /** What the gateway answers. @param {any} frame @returns {object[]} */
    answer(frame: any): object[];
    /** @param {string} document @param {any} person @param {any} mode @param {any} state */
    arrive(document: string, person: any, mode: any, state: any): any[];
    /** @param {string} document @param {string} id */
    depart(document: string, id: string): any[];
    /** Somebody has the lease now, or nobody. @param {string} document @param {string | null} user */
    lease(document: string, user: string | null): any[];
    /** @param {string} document @param {any} event @param {boolean} [ephemeral] */
    emit(document: string, event: any, ephemeral?: boolean): object[];
    #private;
}
export type User = import("./types.js").User;
export type Room = {
    users: Map<string, User>;
    epoch: string;
    seq: number;
    log: any[];
    v: number;
    seated: boolean;
    lease: import("./types.js").Lease | null;
};
