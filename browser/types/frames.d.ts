/**
 * @param {unknown} text
 * @returns {GatewayFrame | null}   null: no frame of ours
 */
export function readFrame(text: unknown): GatewayFrame | null;
/**
 * The length of `text` in UTF-8. Only counted when it could matter: a UTF-16 unit is at most
 * three bytes.
 *
 * @param {string} text
 * @param {number} most
 */
export function passes(text: string, most: number): boolean;
/**
 * The gateway's frames as types (`schemas/frames.py`), and the one place that reads their JSON.
 * Unknown fields and unknown types are let through: an older page meets a newer gateway.
 *
 * @module
 */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Counts} Counts */
/** @typedef {import('./types.js').LiveEvent} LiveEvent */
/** @typedef {{v: number, full: boolean, users: User[], left: string[], counts: Counts,
 *   complete: boolean, lease: {user: string, fence: number} | null}} PresenceBody */
/** @typedef {{document: string, users: User[], counts: Counts}} Member */
/** @typedef {{v: number, full: boolean, complete?: boolean, documents: Member[]}} SummaryBody */
/** @typedef {{type: 'welcome', id?: string, connection: string, user: import('./types.js').Me,
 *   ping_ms: number, expires_in_ms?: number,
 *   limits?: {frame_bytes?: number, data_bytes?: number, documents?: number}}} WelcomeFrame */
/** @typedef {{type: 'event', document: string, seq?: number, event: LiveEvent}} EventFrame */
/** @typedef {{type: 'joined', id?: string, document: string, epoch?: string, seq?: number,
 *   recovered?: boolean, events?: EventFrame[], presence?: PresenceBody,
 *   summary?: SummaryBody}} JoinedFrame */
/** @typedef {{type: 'presence', document: string} & PresenceBody} PresenceFrame */
/** @typedef {{type: 'summary', document: string} & SummaryBody} SummaryFrame */
/** @typedef {{type: 'lease', document: string, lost: string, fence?: number}} LeaseFrame */
/** @typedef {{type: 'reset', document: string, epoch: string, seq: number}} ResetFrame */
/** @typedef {{type: 'ok', id?: string, fence?: number, seq?: number,
 *   expires_in_ms?: number}} OkFrame */
/** @typedef {{type: 'error', id?: string, document?: string, code: string, message: string,
 *   temporary: boolean, retry_in_ms?: number, by?: {id: string, name: string}}} ErrorFrame */
/** @typedef {{type: 'drain', reconnect_in_ms: [number, number]}} DrainFrame */
/** @typedef {{type: 'ping'}} PingFrame */
/** @typedef {WelcomeFrame | EventFrame | JoinedFrame | PresenceFrame | SummaryFrame | LeaseFrame
 *   | ResetFrame | OkFrame | ErrorFrame | DrainFrame | PingFrame} GatewayFrame */
/** @typedef {{type: string, id?: string, document?: string, [field: string]: unknown}}
 *   ClientFrame */
export const SUBPROTOCOL: "presently.v1.json";
export type User = import("./types.js").User;
export type Counts = import("./types.js").Counts;
export type LiveEvent = import("./types.js").LiveEvent;
export type PresenceBody = {
    v: number;
    full: boolean;
    users: User[];
    left: string[];
    counts: Counts;
    complete: boolean;
    lease: {
        user: string;
        fence: number;
    } | null;
};
export type Member = {
    document: string;
    users: User[];
    counts: Counts;
};
export type SummaryBody = {
    v: number;
    full: boolean;
    complete?: boolean;
    documents: Member[];
};
export type WelcomeFrame = {
    type: "welcome";
    id?: string;
    connection: string;
    user: import("./types.js").Me;
    ping_ms: number;
    expires_in_ms?: number;
    limits?: {
        frame_bytes?: number;
        data_bytes?: number;
        documents?: number;
    };
};
export type EventFrame = {
    type: "event";
    document: string;
    seq?: number;
    event: LiveEvent;
};
export type JoinedFrame = {
    type: "joined";
    id?: string;
    document: string;
    epoch?: string;
    seq?: number;
    recovered?: boolean;
    events?: EventFrame[];
    presence?: PresenceBody;
    summary?: SummaryBody;
};
export type PresenceFrame = {
    type: "presence";
    document: string;
} & PresenceBody;
export type SummaryFrame = {
    type: "summary";
    document: string;
} & SummaryBody;
export type LeaseFrame = {
    type: "lease";
    document: string;
    lost: string;
    fence?: number;
};
export type ResetFrame = {
    type: "reset";
    document: string;
    epoch: string;
    seq: number;
};
export type OkFrame = {
    type: "ok";
    id?: string;
    fence?: number;
    seq?: number;
    expires_in_ms?: number;
};
export type ErrorFrame = {
    type: "error";
    id?: string;
    document?: string;
    code: string;
    message: string;
    temporary: boolean;
    retry_in_ms?: number;
    by?: {
        id: string;
        name: string;
    };
};
export type DrainFrame = {
    type: "drain";
    reconnect_in_ms: [number, number];
};
export type PingFrame = {
    type: "ping";
};
export type GatewayFrame = WelcomeFrame | EventFrame | JoinedFrame | PresenceFrame | SummaryFrame | LeaseFrame | ResetFrame | OkFrame | ErrorFrame | DrainFrame | PingFrame;
export type ClientFrame = {
    type: string;
    id?: string;
    document?: string;
    [field: string]: unknown;
};
