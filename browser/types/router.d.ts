/**
 * Many rows changed at once (`t`, `x`) or nobody knows which: fetch anew (`schemas/events.py`).
 *
 * @param {LiveEvent} event
 */
export function isAnew({ type, data }: LiveEvent): boolean;
export class Router {
    /**
     * @param {ReadonlyMap<string, import('./seat.js').Seat>} seats
     * @param {import('./requests.js').Requests} requests
     * @param {{error: (error: import('./errors.js').PresentlyError) => void,
     *   unhandled: (event: LiveEvent) => void}} hear
     */
    constructor(seats: ReadonlyMap<string, import("./seat.js").Seat>, requests: import("./requests.js").Requests, hear: {
        error: (error: import("./errors.js").PresentlyError) => void;
        unhandled: (event: LiveEvent) => void;
    });
    /** @param {GatewayFrame} frame */
    route(frame: GatewayFrame): void;
    /**
     * Give an event to `handles` and to those that watch the document's collection.
     *
     * @param {EventFrame} frame
     * @param {Iterable<Handle>} handles
     */
    deliver: (frame: EventFrame, handles: Iterable<Handle>) => void;
    #private;
}
export type GatewayFrame = import("./frames.js").GatewayFrame;
export type EventFrame = import("./frames.js").EventFrame;
export type Handle = import("./handle.js").Handle;
export type LiveEvent = import("./types.js").LiveEvent;
