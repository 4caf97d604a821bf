/** `sessionStorage`, whose mere mention throws where storage is forbidden. */
export function sessionStorageOrNull(): Storage | null;
export class Previous {
    /**
     * @param {import('./types.js').Options['storage']} storage
     * @param {string} url   one application may hold lines to several gateways
     */
    constructor(storage: import("./types.js").Options["storage"], url: string);
    /** The id left by the page before, once. @returns {string | null} */
    take(): string | null;
    /** The page goes. @param {string | null} connection */
    leave(connection: string | null): void;
    #private;
}
