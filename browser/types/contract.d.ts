/**
 * The frames of the browser protocol and the events in them, version 1.
 *
 * Written by `make schemas` out of the types in `schemas/`; never edit it. An older page meets a
 * newer gateway: there may be more fields than are named here, more error codes, more types.
 *
 * @module
 */

/** Who is in the way. */
export interface By {
  id: string;
  name: string;
}

/** `data` of a `presently.change`. */
export interface ChangeData {
  /**
   * `c` created, `u` updated, `d` deleted, `r` read by a backfill, `t` truncated, `x` many rows
   * or unknown ones: fetch anew. The last two go to the collection's list.
   */
  op: "c" | "d" | "r" | "t" | "u" | "x";
  entity: string;
  /** The primary key's columns; absent for `t` and `x`. */
  key?: Record<string, unknown>;
  /** Names of the columns whose values changed; absent when unknown. */
  changed?: readonly string[];
  /** Values of the columns that the capture names, and of no others. */
  after?: Record<string, unknown>;
  /** Values they had, if the capture asks for it: of `u` what changed, of `d` all. */
  before?: Record<string, unknown>;
  /** Columns named but too big to send; `["*"]` means all of them. */
  omitted?: readonly string[];
  /** What the writing transaction said of itself, at most 2048 bytes of JSON. */
  ctx?: Record<string, unknown>;
}

/** How many users (not seats) are here, by mode. Watchers are not counted. */
export interface Counts {
  reading: number;
  editing: number;
}

/** One document in a collection's summary. Both counts 0: nobody is there any more. */
export interface DocumentSummary {
  document: string;
  /** At most 5, editors first. */
  users: readonly User[];
  counts: Counts;
}

/** This gateway stops: reconnect at a random time within the range, and resume. */
export interface DrainFrame {
  type: "drain";
  reconnect_in_ms: readonly [number, number];
}

/** The attributes of a CloudEvent that we read. Others are forwarded unread. */
export interface Envelope {
  specversion: "1.0";
  /** Unique within `source`; a repeat of (document, source, id) is the same event. */
  id: string;
  source: string;
  type: string;
  subject: string;
  time?: string;
  actor?: string | null;
  /** A JSON object; what is in it belongs to the type. */
  data?: Record<string, unknown>;
}

/** It was not done. `temporary`: trying again may help. */
export interface ErrorFrame {
  type: "error";
  id?: string | number | null;
  document?: string;
  code: ErrorCode;
  message: string;
  temporary: boolean;
  retry_in_ms?: number;
  by?: By;
}

/** Codes of the `error` frame. The last three are temporary: trying again may help. */
export type ErrorCode =
  | "bad_frame"
  | "expired"
  | "forbidden"
  | "invalid_event"
  | "limit"
  | "locked"
  | "not_holder"
  | "not_joined"
  | "rate_limited"
  | "timeout"
  | "too_big"
  | "unauthorized"
  | "unavailable"
  | "unknown_type";

/** Something happened at `document`. `event` is a CloudEvent. No `seq`: ephemeral. */
export interface EventFrame {
  type: "event";
  document: string;
  seq?: number;
  event: Envelope;
}

/** Always first, within 10000 ms. */
export interface HelloFrame {
  type: "hello";
  id?: string | number | null;
  /** JWT, unless it came as a subprotocol. */
  token?: string | null;
  client?: Record<string, string>;
  /** The connection this page held before; its seats end when it is the same user's and gone. */
  previous?: string | null;
}

/** Take a seat. A second one at the same document is an `update`. */
export interface JoinFrame {
  type: "join";
  id?: string | number | null;
  document: string;
  mode?: "editing" | "reading" | "watching";
  /** JSON object, what the seat says about itself. */
  state?: Record<string, unknown>;
  /** Resume after this position: everything missed comes in `joined`. */
  since?: Position | null;
  /** For a list: only these members. */
  keys?: readonly string[] | null;
  /**
   * The fence of the lease that this page held on its last connection. The lease goes on with
   * the same fence if it is still in force; else `lease` tells that it is lost.
   */
  lease?: number | null;
}

/** The answer to `join`. */
export interface JoinedFrame {
  type: "joined";
  id?: string | number | null;
  document: string;
  epoch: string;
  /** The position after `events`; the next event is `seq + 1`. */
  seq: number;
  /** All that was missed since `since` is in `events`; else reload. */
  recovered: boolean;
  /** `event` frames as they would have come, in order. */
  events: readonly EventFrame[];
  presence: Presence;
  summary?: Summary;
}

/** Who holds the sole right to edit. `fence` only grows; a backend may refuse older ones. */
export interface Lease {
  user: string;
  fence: number;
}

/** You no longer hold the lease. */
export interface LeaseFrame {
  type: "lease";
  document: string;
  /** `taken` by the same user's other tab, `expired`, or `forbidden`. */
  lost: string;
  /** Of the lease that is lost. */
  fence?: number;
}

/** Give up the seat, now. */
export interface LeaveFrame {
  type: "leave";
  id?: string | number | null;
  document: string;
}

/** What this gateway takes. */
export interface Limits {
  frame_bytes: number;
  data_bytes: number;
  documents: number;
}

/** The user the token names. */
export interface Me {
  id: string;
  name: string;
  info: Record<string, unknown>;
}

/** Done. `fence` answers a lease, `seq` a `send`. */
export interface OkFrame {
  type: "ok";
  id?: string | number | null;
  document?: string;
  fence?: number;
  seq?: number;
}

/** Answer `pong` within 10000 ms. */
export interface PingFrame {
  type: "ping";
}

/** The answer to `ping`. */
export interface PongFrame {
  type: "pong";
  id?: string | number | null;
}

/** A place in a document's history: all up to `seq` of `epoch` is known. */
export interface Position {
  epoch: string;
  seq: number;
}

/** Who is at one document: the whole (`full`) or a change. */
export interface Presence {
  /** Counts up by one from frame to frame of one socket, or the frame is `full`. */
  v: number;
  full: boolean;
  users: readonly User[];
  /** User ids to remove. Empty when `full`. */
  left: readonly string[];
  counts: Counts;
  /**
   * False when not everybody is listed (above 200) or not every gateway has answered yet after
   * a take-over.
   */
  complete: boolean;
  lease: Lease | null;
}

/** `Presence` of `document`, its fields laid flat. */
export interface PresenceFrame {
  type: "presence";
  document: string;
  v: number;
  full: boolean;
  users: readonly User[];
  left: readonly string[];
  counts: Counts;
  complete: boolean;
  lease: Lease | null;
}

/** The document's numbers begin anew. Reload it; events go on from `seq`. */
export interface ResetFrame {
  type: "reset";
  document: string;
  epoch: string;
  seq: number;
}

/** Say something to everybody at the document. `ephemeral`: not numbered, not kept. */
export interface SendFrame {
  type: "send";
  id?: string | number | null;
  document: string;
  event: SentEvent;
  ephemeral?: boolean;
}

/** An event as a browser writes it; the gateway stamps the rest. `id`: repeats do no harm. */
export interface SentEvent {
  type: string;
  id?: string | null;
  data?: Record<string, unknown>;
}

/** Who is where in a collection: the whole (`full`) or the documents that changed. */
export interface Summary {
  v: number;
  full: boolean;
  complete: boolean;
  documents: readonly DocumentSummary[];
}

/** `Summary` of the collection whose list is `document`, laid flat. */
export interface SummaryFrame {
  type: "summary";
  document: string;
  v: number;
  full: boolean;
  complete: boolean;
  documents: readonly DocumentSummary[];
}

/** Tell me presence (and summary) of a document I am at as a whole. */
export interface SyncFrame {
  type: "sync";
  id?: string | number | null;
  document: string;
}

/** A fresh token for the same user. */
export interface TokenFrame {
  type: "token";
  id?: string | number | null;
  token: string;
}

/** Change what is given of the seat. `lease: true` asks for the lease, `false` ends it. */
export interface UpdateFrame {
  type: "update";
  id?: string | number | null;
  document: string;
  mode?: "editing" | "reading" | "watching";
  state?: Record<string, unknown>;
  lease?: boolean;
}

/** One user at one document, all their seats taken together. */
export interface User {
  id: string;
  name: string;
  /** JSON object from the token, at most 1024 bytes. */
  info: Record<string, unknown>;
  mode: "editing" | "reading" | "watching";
  /** JSON object of the strongest seat, the latest of equals; at most 1024 bytes. */
  state: Record<string, unknown>;
}

/** The answer to `hello`. `expires_in_ms`: renew the token before. */
export interface WelcomeFrame {
  type: "welcome";
  id?: string | number | null;
  connection: string;
  user: Me;
  ping_ms: number;
  expires_in_ms: number;
  limits: Limits;
}

/** Browser to gateway, JSON. */
export type ClientFrame =
  | HelloFrame
  | JoinFrame
  | UpdateFrame
  | SendFrame
  | SyncFrame
  | LeaveFrame
  | TokenFrame
  | PongFrame;

/**
 * Gateway to browser, JSON. The frames event, presence and reset are also what a document's
 * exchange and hub.events carry.
 */
export type GatewayFrame =
  | WelcomeFrame
  | EventFrame
  | JoinedFrame
  | PresenceFrame
  | SummaryFrame
  | LeaseFrame
  | ResetFrame
  | OkFrame
  | ErrorFrame
  | DrainFrame
  | PingFrame;
