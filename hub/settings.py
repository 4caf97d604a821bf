"""What may be set of a hub worker. Reading the environment is the composition root's."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import limits


@dataclass(frozen=True, slots=True)
class HubSettings:
    """Times in the unit of the name, sizes in bytes.

    Attributes:
        worker: Its id, letters, digits and ``-``; empty: host name and randomness.
        gateway_silent_beats: Of the hub's own heartbeats heard back with none of a gateway's
            between them; then the gateway is lost. Counted so, a hub that was cut off itself
            takes nobody for dead.
        patience_ms: How long the next in a slot waits for its owner to stand in line first.
        answers_ms: The longest a new owner waits for the gateways' seats before it tells presence.
        settle_ms: The shortest, for a worker too young to have heard every gateway's heartbeat.
        linger_ms: How long a document keeps its exchange when nobody is seated any more.
        exchanges_per_shard: Beyond it documents are published to ``hub.events`` directly, which
            only a backend bound to the document's own exchange could tell.
        exchanges_per_second: RabbitMQ makes and ends a few hundred a second.
    """

    worker: str = ""
    heartbeat_ms: int = limits.HEARTBEAT_MS
    probe_ms: int = 1_000
    patience_ms: int = 2_000
    gateway_silent_beats: int = 3
    answers_ms: int = 15_000
    settle_ms: int = 500
    bye_ms: int = 10_000
    retry_ms: int = 5_000
    history_bytes: int = limits.HISTORY_PROCESS_BYTES
    linger_ms: int = 30_000
    exchanges_per_shard: int = 1_000
    exchanges_per_second: int = 200
    state_every: int = limits.LOG_STATE_EVERY
