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
 * The frames as types, generated from `schemas/`, and the one place that reads their JSON.
 * Unknown fields and unknown types are let through: an older page meets a newer gateway.
 *
 * @module
 */
/** @typedef {import('../types/contract.js').GatewayFrame} GatewayFrame */
/** @typedef {import('../types/contract.js').ClientFrame} ClientFrame */
/** @typedef {import('../types/contract.js').JoinFrame} JoinFrame */
/** @typedef {import('../types/contract.js').UpdateFrame} UpdateFrame */
/** @typedef {import('../types/contract.js').SendFrame} SendFrame */
/** @typedef {import('../types/contract.js').Presence} PresenceBody */
/** @typedef {import('../types/contract.js').Summary} SummaryBody */
/** @typedef {import('../types/contract.js').DocumentSummary} Member */
/** @typedef {import('../types/contract.js').WelcomeFrame} WelcomeFrame */
/** @typedef {import('../types/contract.js').EventFrame} EventFrame */
/** @typedef {import('../types/contract.js').JoinedFrame} JoinedFrame */
/** @typedef {import('../types/contract.js').PresenceFrame} PresenceFrame */
/** @typedef {import('../types/contract.js').SummaryFrame} SummaryFrame */
/** @typedef {import('../types/contract.js').LeaseFrame} LeaseFrame */
/** @typedef {import('../types/contract.js').ResetFrame} ResetFrame */
/** @typedef {import('../types/contract.js').OkFrame} OkFrame */
/** @typedef {import('../types/contract.js').ErrorFrame} ErrorFrame */
export const SUBPROTOCOL: "presently.v1.json";
export type GatewayFrame = import("../types/contract.js").GatewayFrame;
export type ClientFrame = import("../types/contract.js").ClientFrame;
export type JoinFrame = import("../types/contract.js").JoinFrame;
export type UpdateFrame = import("../types/contract.js").UpdateFrame;
export type SendFrame = import("../types/contract.js").SendFrame;
export type PresenceBody = import("../types/contract.js").Presence;
export type SummaryBody = import("../types/contract.js").Summary;
export type Member = import("../types/contract.js").DocumentSummary;
export type WelcomeFrame = import("../types/contract.js").WelcomeFrame;
export type EventFrame = import("../types/contract.js").EventFrame;
export type JoinedFrame = import("../types/contract.js").JoinedFrame;
export type PresenceFrame = import("../types/contract.js").PresenceFrame;
export type SummaryFrame = import("../types/contract.js").SummaryFrame;
export type LeaseFrame = import("../types/contract.js").LeaseFrame;
export type ResetFrame = import("../types/contract.js").ResetFrame;
export type OkFrame = import("../types/contract.js").OkFrame;
export type ErrorFrame = import("../types/contract.js").ErrorFrame;
