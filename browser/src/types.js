/**
 * The public shapes of Presently in a browser. Types only; nothing runs here.
 *
 * Durations are milliseconds. Document ids are as `documentId()` writes them.
 *
 * @module
 */

/**
 * `watching` sees and is not shown; `reading` and `editing` are shown to everybody.
 * @typedef {import('../types/contract.js').User['mode']} Mode
 */

/** @typedef {Record<string, unknown>} Json */

/**
 * Me: the user the token was made for. `info`: what it says beside the name, e.g. an avatar.
 * @typedef {import('../types/contract.js').Me} Me
 */

/**
 * A user as others see them at one document: one entry however many tabs they have. `mode`: the
 * strongest of their seats; `state`: what that seat says about itself, e.g. `{field: 'title'}`.
 * @typedef {import('../types/contract.js').User} User
 */

/**
 * How many users; never tabs.
 * @typedef {Readonly<import('../types/contract.js').Counts>} Counts
 */

/**
 * Green: nobody. Yellow: somebody reads. Red: somebody edits.
 * @typedef {'green' | 'yellow' | 'red'} Color
 */

/**
 * The sole right to edit. `fence` only grows: a backend that stores it can refuse late saves.
 * @typedef {Readonly<import('../types/contract.js').Lease>} Lease
 */

/**
 * `fence`: it was granted anew after a break; events have told what was changed meanwhile. `lost`:
 * you hold it no more and are a reader again: `taken` by another tab of yours, `locked`: `by` has
 * it, `forbidden`: your new token does not allow it, or the code of another error.
 * @typedef {{fence?: number, lost?: string, by?: {id: string, name: string}}} LeaseNews
 */

/**
 * Who is at a document. Never changed in place: a new object each time something changes, the
 * same object until then.
 * @typedef {object} Presence
 * @property {readonly User[]} users     editors and readers, me included
 * @property {readonly User[]} others    the same without me
 * @property {Counts} counts
 * @property {boolean} complete          false: more users are here than `users` lists
 * @property {Color} color              of the others; green: nobody else is here
 * @property {Lease | null} lease
 */

/**
 * One CloudEvents 1.0 event. `actor` is the user who caused it, `subject` the document.
 * @typedef {Omit<import('../types/contract.js').Envelope, 'data'> & {data?: any}} LiveEvent
 */

/**
 * `data` of a `presently.change`: docs/protocol.md, "Changes of rows". `t` and `x` have no key: fetch
 * anew. `changed` is missing when unknown; `omitted` names what is too long to be sent, `["*"]`: all.
 * @typedef {import('../types/contract.js').ChangeData} Change
 */

/**
 * A row changed, whoever wrote it.
 * @typedef {LiveEvent & {data: Change}} ChangeEvent
 */

/**
 * Where an event was heard. `seq` is missing on ephemeral events.
 * @typedef {{readonly document: string, readonly seq?: number}} Heard
 */

/** Stops what it was returned for. @typedef {() => void} Off */

/** @typedef {'connecting' | 'online' | 'offline' | 'closed'} LiveState */

/** @typedef {'joining' | 'live' | 'stale' | 'refused' | 'left'} Status */

/**
 * Why a token is asked for. `forbidden` names the document whose join was refused.
 * @typedef {{why: 'connect' | 'expiring' | 'forbidden', document?: string}} Ask
 */

/**
 * A token, or how to get one. Asked again when it expires or is refused.
 * @typedef {string | ((ask: Ask) => string | Promise<string>)} TokenSource
 */

/**
 * Time, as the client uses it. `setTimeout` and `clearTimeout` as in a browser.
 * @typedef {object} Clock
 * @property {() => number} now     milliseconds, never going back
 * @property {(call: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * The page around the client: the parts of `window` that it listens to.
 * @typedef {object} Page
 * @property {(type: string, listener: (event: any) => void) => void} addEventListener
 * @property {(type: string, listener: (event: any) => void) => void} removeEventListener
 * @property {{visibilityState?: string,
 *   addEventListener(type: string, listener: () => void): void,
 *   removeEventListener(type: string, listener: () => void): void}} [document]
 */

/**
 * @typedef {object} Options
 * @property {TokenSource} [token]    none: an anonymous connection
 * @property {string} [name]          what the client calls itself in the gateway's events
 * @property {string} [version]
 * @property {string} [lang]          preferred language, e.g. `de`
 * @property {any} [WebSocket]        the constructor to use; the browser's own by default
 * @property {Clock} [clock]          for tests
 * @property {() => number} [random]  for tests: 0 ≤ n < 1
 * @property {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null} [storage]
 *   where the connection's id crosses a navigation; `sessionStorage` by default
 * @property {Page | null} [page]     `window` by default
 */

/**
 * One line to the gateway.
 * @typedef {object} Live
 * @property {LiveState} state
 * @property {Me | null} user               null until the first welcome
 * @property {string | null} connection     the id of the present connection
 * @property {(document: string, o?: {mode?: Mode, state?: Json}) => Doc} join
 *   Take a seat (mode `reading` by default). Every call gives a handle of its own; all handles of
 *   a document share one seat, whose mode is the strongest among them.
 * @property {(name: string, o?: {keys?: readonly string[]}) => Collection} collection
 *   Watch a collection's documents, all or those with the given keys (at most 200).
 * @property {((type: 'state', call: (state: LiveState) => void) => Off)
 *   & ((type: 'error', call: (error: import('./errors.js').PresentlyError) => void) => Off)
 *   & ((type: 'unhandled', call: (event: LiveEvent) => void) => Off)} on
 *   `error`: a document refused, a token that could not be had, the end of the line.
 *   `unhandled`: an event for whose type nobody listens.
 * @property {() => void} close             for good; every seat is left
 */

/**
 * A handle on one document.
 * @typedef {object} Doc
 * @property {string} id
 * @property {Status} status
 * @property {Presence} presence
 * @property {number | null} fence          of the lease this handle holds; send it when you save
 * @property {Promise<void>} ready          settled by the first answer to the join
 * @property {((type: 'presence', call: (presence: Presence) => void) => Off)
 *   & ((type: 'event', call: (event: LiveEvent, heard: Heard) => void) => Off)
 *   & ((type: 'reload', call: () => void) => Off)
 *   & ((type: 'lease', call: (news: LeaseNews) => void) => Off)
 *   & ((type: 'presently.change', call: (event: ChangeEvent, heard: Heard) => void) => Off)
 *   & ((type: string, call: (event: LiveEvent, heard: Heard) => void) => Off)} on
 *   `event`: every event; any other word is the type of the events wanted. `reload`: events were
 *   missed and cannot be had again, so fetch the document anew (`load`). `lease`: the lease was
 *   lost, or granted anew with another fence. A short break costs neither.
 * @property {(call: () => void) => Off} subscribe
 *   Called when `presence` or `status` changed; fits React's `useSyncExternalStore`.
 * @property {<T>(fetch: () => T | Promise<T>) => Promise<T>} load
 *   Hold events, wait for the join, fetch, give the result; then deliver what was held. Listeners
 *   added before the call, or straight after `await`, miss nothing.
 * @property {(o?: {lease?: boolean, state?: Json}) => Promise<{fence?: number}>} edit
 *   `lease: true` asks for the sole right to edit, until `read` or `leave`. Fails with code `locked`
 *   and `by` if somebody else has it; `presence.lease` shows when it is free.
 * @property {() => Promise<void>} read     back to reading; gives a lease back
 * @property {(state: Json) => void} setState
 * @property {(type: string, data?: unknown, o?: {ephemeral?: boolean, id?: string}) =>
 *   Promise<{seq?: number}>} send
 *   Repeated across reconnects under the same event id for 10 s, then fails with code `timeout`.
 *   To go on after that, pass the failed event's id (`error.event.id`) again.
 * @property {() => void} leave
 */

/**
 * A handle on a collection. Events of its documents arrive with their own `heard.document`.
 * @typedef {object} Collection
 * @property {string} name
 * @property {Status} status
 * @property {ReadonlyMap<string, Presence>} documents
 *   The documents where somebody is, by id; free ones are not in it. A new map at each change.
 * @property {boolean} complete             false: more documents are busy than are listed
 * @property {Promise<void>} ready
 * @property {(document: string) => Color} color   of the others, as `Presence` has it
 * @property {((type: 'presence', call: (documents: ReadonlyMap<string, Presence>,
 *     changed: readonly string[]) => void) => Off)
 *   & ((type: 'event', call: (event: LiveEvent, heard: Heard) => void) => Off)
 *   & ((type: 'reload', call: () => void) => Off)
 *   & ((type: 'presently.change', call: (event: ChangeEvent, heard: Heard) => void) => Off)
 *   & ((type: string, call: (event: LiveEvent, heard: Heard) => void) => Off)} on
 *   `reload`: the line was gone for a while and a list is never resumed event by event.
 * @property {(call: () => void) => Off} subscribe
 * @property {() => void} leave
 */

export {};
