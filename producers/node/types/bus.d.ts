/** Documents whose position is kept, to tell repeats. */
export const POSITIONS: 10000;
/** @typedef {import("./presence.js").User} User */
/** @typedef {import("./presence.js").Presence} Presence */
/** @typedef {{ what: "listening" }} Listening From here on we hear all; before, we may have not. */
/**
 * @typedef {{ what: "event", document: string, epoch: string, seq: number,
 *   event: import("./events.js").Event }} EventHeard `seq` is 0 for what is not kept.
 */
/**
 * @typedef {{ what: "presence", document: string, joined: User[], changed: User[], left: string[],
 *   users: User[], counts: Presence["counts"], lease: Presence["lease"] }} PresenceHeard
 */
/** @typedef {{ what: "reset", document: string, epoch: string, seq: number }} ResetHeard */
/**
 * @typedef {{ what: "connect", connection: string, user: string, name: string, gateway: string,
 *   at: number, address: string, agent: string, origin: string,
 *   client: Record<string, string> }} ConnectHeard
 */
/**
 * @typedef {{ what: "receive", document: string, connection: string, at: number,
 *   act: Record<string, any> & { kind: string } }} ReceiveHeard `act.kind` is `join`, `update`,
 *   `send`, `away` or `leave`.
 */
/**
 * @typedef {{ what: "disconnect", connection: string, user: string, gateway: string, at: number,
 *   code: number, cause: string, duration_ms: number }} DisconnectHeard
 */
/** @typedef {{ what: "gateway_lost", gateway: string, at: number }} GatewayLostHeard */
/**
 * @typedef {Listening | EventHeard | PresenceHeard | ResetHeard | ConnectHeard | ReceiveHeard |
 *   DisconnectHeard | GatewayLostHeard} Heard
 */
/**
 * @typedef {{ content: Buffer, fields: { exchange: string }, properties: { headers?: any } }}
 *   BusMessage
 */
/** Turns messages into what they say; drops repeats and what a former owner of a shard still says. */
export class Reader {
    /**
     * @param {BusMessage} message
     * @returns {Heard[]} Nothing for a message that is none.
     */
    read(message: BusMessage): Heard[];
    #private;
}
export type User = import("./presence.js").User;
export type Presence = import("./presence.js").Presence;
/**
 * From here on we hear all; before, we may have not.
 */
export type Listening = {
    what: "listening";
};
/**
 * `seq` is 0 for what is not kept.
 */
export type EventHeard = {
    what: "event";
    document: string;
    epoch: string;
    seq: number;
    event: import("./events.js").Event;
};
export type PresenceHeard = {
    what: "presence";
    document: string;
    joined: User[];
    changed: User[];
    left: string[];
    users: User[];
    counts: Presence["counts"];
    lease: Presence["lease"];
};
export type ResetHeard = {
    what: "reset";
    document: string;
    epoch: string;
    seq: number;
};
export type ConnectHeard = {
    what: "connect";
    connection: string;
    user: string;
    name: string;
    gateway: string;
    at: number;
    address: string;
    agent: string;
    origin: string;
    client: Record<string, string>;
};
/**
 * `act.kind` is `join`, `update`,
 *   `send`, `away` or `leave`.
 */
export type ReceiveHeard = {
    what: "receive";
    document: string;
    connection: string;
    at: number;
    act: Record<string, any> & {
        kind: string;
    };
};
export type DisconnectHeard = {
    what: "disconnect";
    connection: string;
    user: string;
    gateway: string;
    at: number;
    code: number;
    cause: string;
    duration_ms: number;
};
export type GatewayLostHeard = {
    what: "gateway_lost";
    gateway: string;
    at: number;
};
export type Heard = Listening | EventHeard | PresenceHeard | ResetHeard | ConnectHeard | ReceiveHeard | DisconnectHeard | GatewayLostHeard;
export type BusMessage = {
    content: Buffer;
    fields: {
        exchange: string;
    };
    properties: {
        headers?: any;
    };
};
