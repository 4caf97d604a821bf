/**
 * `watching` sees and is not shown; `reading` and `editing` are shown to everybody.
 */
export type Mode = import("../types/contract.js").User["mode"];
export type Json = Record<string, unknown>;
/**
 * Me: the user the token was made for. `info`: what it says beside the name, e.g. an avatar.
 */
export type Me = import("../types/contract.js").Me;
/**
 * A user as others see them at one document: one entry however many tabs they have. `mode`: the
 * strongest of their seats; `state`: what that seat says about itself, e.g. `{field: 'title'}`.
 */
export type User = import("../types/contract.js").User;
/**
 * How many users; never tabs.
 */
export type Counts = Readonly<import("../types/contract.js").Counts>;
/**
 * Green: nobody. Yellow: somebody reads. Red: somebody edits.
 */
export type Color = "green" | "yellow" | "red";
/**
 * The sole right to edit. `fence` only grows: a backend that stores it can refuse late saves.
 */
export type Lease = Readonly<import("../types/contract.js").Lease>;
/**
 * `fence`: it was granted anew after a break; events have told what was changed meanwhile. `lost`:
 * you hold it no more and are a reader again: `taken` by another tab of yours, `locked`: `by` has
 * it, `forbidden`: your new token does not allow it, or the code of another error.
 */
export type LeaseNews = {
    fence?: number;
    lost?: string;
    by?: {
        id: string;
        name: string;
    };
};
/**
 * Who is at a document. Never changed in place: a new object each time something changes, the
 * same object until then.
 */
export type Presence = {
    /**
     * editors and readers, me included
     */
    users: readonly User[];
    /**
     * the same without me
     */
    others: readonly User[];
    counts: Counts;
    /**
     * false: more users are here than `users` lists
     */
    complete: boolean;
    /**
     * of the others; green: nobody else is here
     */
    color: Color;
    lease: Lease | null;
};
/**
 * One CloudEvents 1.0 event. `actor` is the user who caused it, `subject` the document.
 */
export type LiveEvent = Omit<import("../types/contract.js").Envelope, "data"> & {
    data?: any;
};
/**
 * `data` of a `presently.change`: docs/protocol.md, "Changes of rows". `t` and `x` have no key: fetch
 * anew. `changed` is missing when unknown; `omitted` names what is too long to be sent, `["*"]`: all.
 */
export type Change = import("../types/contract.js").ChangeData;
/**
 * A row changed, whoever wrote it.
 */
export type ChangeEvent = LiveEvent & {
    data: Change;
};
/**
 * Where an event was heard. `seq` is missing on ephemeral events.
 */
export type Heard = {
    readonly document: string;
    readonly seq?: number;
};
/**
 * Stops what it was returned for.
 */
export type Off = () => void;
export type LiveState = "connecting" | "online" | "offline" | "closed";
export type Status = "joining" | "live" | "stale" | "refused" | "left";
/**
 * Why a token is asked for. `forbidden` names the document whose join was refused.
 */
export type Ask = {
    why: "connect" | "expiring" | "forbidden";
    document?: string;
};
/**
 * A token, or how to get one. Asked again when it expires or is refused.
 */
export type TokenSource = string | ((ask: Ask) => string | Promise<string>);
/**
 * Time, as the client uses it. `setTimeout` and `clearTimeout` as in a browser.
 */
export type Clock = {
    /**
     * milliseconds, never going back
     */
    now: () => number;
    setTimeout: (call: () => void, ms: number) => unknown;
    clearTimeout: (timer: any) => void;
};
/**
 * The page around the client: the parts of `window` that it listens to.
 */
export type Page = {
    addEventListener: (type: string, listener: (event: any) => void) => void;
    removeEventListener: (type: string, listener: (event: any) => void) => void;
    document?: {
        visibilityState?: string;
        addEventListener(type: string, listener: () => void): void;
        removeEventListener(type: string, listener: () => void): void;
    } | undefined;
};
export type Options = {
    /**
     * none: an anonymous connection
     */
    token?: TokenSource | undefined;
    /**
     * what the client calls itself in the gateway's events
     */
    name?: string | undefined;
    version?: string | undefined;
    /**
     * preferred language, e.g. `de`
     */
    lang?: string | undefined;
    /**
     * the constructor to use; the browser's own by default
     */
    WebSocket?: any;
    /**
     * for tests
     */
    clock?: Clock | undefined;
    /**
     * for tests: 0 ≤ n < 1
     */
    random?: (() => number) | undefined;
    /**
     * where the connection's id crosses a navigation; `sessionStorage` by default
     */
    storage?: Pick<Storage, "getItem" | "removeItem" | "setItem"> | null | undefined;
    /**
     * `window` by default
     */
    page?: Page | null | undefined;
};
/**
 * One line to the gateway.
 */
export type Live = {
    state: LiveState;
    /**
     * null until the first welcome
     */
    user: Me | null;
    /**
     * the id of the present connection
     */
    connection: string | null;
    /**
     *   Take a seat (mode `reading` by default). Every call gives a handle of its own; all handles of
     *   a document share one seat, whose mode is the strongest among them.
     */
    join: (document: string, o?: {
        mode?: Mode;
        state?: Json;
    }) => Doc;
    /**
     *   Watch a collection's documents, all or those with the given keys (at most 200).
     */
    collection: (name: string, o?: {
        keys?: readonly string[];
    }) => Collection;
    /**
     *   `error`: a document refused, a token that could not be had, the end of the line.
     *   `unhandled`: an event for whose type nobody listens.
     */
    on: ((type: "state", call: (state: LiveState) => void) => Off) & ((type: "error", call: (error: import("./errors.js").PresentlyError) => void) => Off) & ((type: "unhandled", call: (event: LiveEvent) => void) => Off);
    /**
     * for good; every seat is left
     */
    close: () => void;
};
/**
 * A handle on one document.
 */
export type Doc = {
    id: string;
    status: Status;
    presence: Presence;
    /**
     * of the lease this handle holds; send it when you save
     */
    fence: number | null;
    /**
     * settled by the first answer to the join
     */
    ready: Promise<void>;
    /**
     *   `event`: every event; any other word is the type of the events wanted. `reload`: events were
     *   missed and cannot be had again, so fetch the document anew (`load`). `lease`: the lease was
     *   lost, or granted anew with another fence. A short break costs neither.
     */
    on: ((type: "presence", call: (presence: Presence) => void) => Off) & ((type: "event", call: (event: LiveEvent, heard: Heard) => void) => Off) & ((type: "reload", call: () => void) => Off) & ((type: "lease", call: (news: LeaseNews) => void) => Off) & ((type: "presently.change", call: (event: ChangeEvent, heard: Heard) => void) => Off) & ((type: string, call: (event: LiveEvent, heard: Heard) => void) => Off);
    /**
     *   Called when `presence` or `status` changed; fits React's `useSyncExternalStore`.
     */
    subscribe: (call: () => void) => Off;
    /**
     *   Hold events, wait for the join, fetch, give the result; then deliver what was held. Listeners
     *   added before the call, or straight after `await`, miss nothing.
     */
    load: <T>(fetch: () => T | Promise<T>) => Promise<T>;
    /**
     *   `lease: true` asks for the sole right to edit, until `read` or `leave`. Fails with code `locked`
     *   and `by` if somebody else has it; `presence.lease` shows when it is free.
     */
    edit: (o?: {
        lease?: boolean;
        state?: Json;
    }) => Promise<{
        fence?: number;
    }>;
    /**
     * back to reading; gives a lease back
     */
    read: () => Promise<void>;
    setState: (state: Json) => void;
    /**
     *   Repeated across reconnects under the same event id for 10 s, then fails with code `timeout`.
     *   To go on after that, pass the failed event's id (`error.event.id`) again.
     */
    send: (type: string, data?: unknown, o?: {
        ephemeral?: boolean;
        id?: string;
    }) => Promise<{
        seq?: number;
    }>;
    leave: () => void;
};
/**
 * A handle on a collection. Events of its documents arrive with their own `heard.document`.
 */
export type Collection = {
    name: string;
    status: Status;
    /**
     *   The documents where somebody is, by id; free ones are not in it. A new map at each change.
     */
    documents: ReadonlyMap<string, Presence>;
    /**
     * false: more documents are busy than are listed
     */
    complete: boolean;
    ready: Promise<void>;
    /**
     * of the others, as `Presence` has it
     */
    color: (document: string) => Color;
    /**
     *   `reload`: the line was gone for a while and a list is never resumed event by event.
     */
    on: ((type: "presence", call: (documents: ReadonlyMap<string, Presence>, changed: readonly string[]) => void) => Off) & ((type: "event", call: (event: LiveEvent, heard: Heard) => void) => Off) & ((type: "reload", call: () => void) => Off) & ((type: "presently.change", call: (event: ChangeEvent, heard: Heard) => void) => Off) & ((type: string, call: (event: LiveEvent, heard: Heard) => void) => Off);
    subscribe: (call: () => void) => Off;
    leave: () => void;
};
