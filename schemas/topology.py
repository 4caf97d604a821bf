"""Exchanges and queues as data. One vhost is one installation.

Everything durable, ``x-queue-type`` always explicit (a vhost may have another default). Queues are
declared before the exchanges that feed them: what is published between the two would be confirmed
and dropped. Publishers declare nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from schemas import limits
from schemas.ids import SLOTS, DocumentId

IN: Final = "hub.in"
"""Producers publish here, key ``:<slot>.<document>``, one CloudEvent a message."""
INTAKE: Final = "hub.intake"
"""Where keys without a (right) slot go: exchange and queue of the same name."""
CLIENTS: Final = "hub.clients"
"""Gateways publish here."""
EVENTS: Final = "hub.events"
"""Documents' messages and replies; gateways and backends bind here."""
CONTROL: Final = "hub.control"
"""Everybody to everybody."""
DEAD: Final = "hub.dead"
"""Messages that are no messages, with the reason in the header ``reason``."""

PROCESS_QUEUE_BYTES: Final = 64 * 1024 * 1024
"""Bytes waiting in one gateway's or hub's own queue; then the oldest go, and it hears of it."""
UNUSED_MS: Final = 60_000
LOG_SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""Retention works on whole segments; RabbitMQ's own 500 MB would never let a quiet log go."""
LOG_BYTES: Final = 256 * 1024 * 1024
LOG_AGE: Final = "7D"
DEAD_MESSAGES: Final = 10_000
DEAD_BYTES: Final = 256 * 1024 * 1024
"""Whichever is reached first; the oldest letters go."""
SPREAD: Final[Mapping[str, str]] = {"x-queue-leader-locator": "balanced"}
"""In a cluster every node leads some of them, not the one that declared them all. A quorum queue
has copies on three nodes by itself, a log on all that there are when it is declared."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with its AMQP arguments."""

    name: str
    arguments: Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange. ``auto_delete``: it goes when its last binding as a source goes."""

    name: str
    kind: Literal["topic", "fanout"]
    auto_delete: bool = False
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bind:
    """``source`` feeds ``destination`` with what matches ``key``."""

    source: str
    destination: str
    key: str
    to: Literal["queue", "exchange"] = "queue"


@dataclass(frozen=True, slots=True)
class Topology:
    """What must exist, in the order of the fields."""

    queues: tuple[Queue, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    binds: tuple[Bind, ...] = ()


def shard_queue(slot: int) -> str:
    """One slot's line of messages."""
    return f"hub.shard.{slot:02d}"


def log_queue(slot: int) -> str:
    """One slot's log."""
    return f"hub.log.{slot:02d}"


def installation() -> Topology:
    """Everything that is there before any service runs; any of them may declare it."""
    shards = tuple(
        Queue(
            shard_queue(slot),
            {
                "x-queue-type": "quorum",
                "x-single-active-consumer": True,
                # Never -1 (3.10 drops everything at the first crash), never the default of 4.x
                # (20: the 21st crash would drop innocent messages).
                "x-delivery-limit": 1_000_000,
                **SPREAD,
            },
        )
        for slot in range(SLOTS)
    )
    logs = tuple(
        Queue(
            log_queue(slot),
            {
                "x-queue-type": "stream",
                "x-max-length-bytes": LOG_BYTES,
                "x-max-age": LOG_AGE,
                "x-stream-max-segment-size-bytes": LOG_SEGMENT_BYTES,
                **SPREAD,
            },
        )
        for slot in range(SLOTS)
    )
    intake = Queue(
        INTAKE,
        {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": 1_000_000,
            **SPREAD,
        },
    )
    # Quorum, though nobody needs it as safe as that: in a cluster a classic queue whose node is
    # down cannot be declared, and nobody could begin.
    dead = Queue(
        DEAD,
        {
            "x-queue-type": "quorum",
            "x-max-length": DEAD_MESSAGES,
            "x-max-length-bytes": DEAD_BYTES,
            "x-overflow": "drop-head",
            "x-delivery-limit": 1_000_000,
            **SPREAD,
        },
    )
    exchanges = (
        Exchange(INTAKE, "fanout"),
        Exchange(DEAD, "topic"),
        Exchange(CONTROL, "fanout"),
        Exchange(EVENTS, "topic"),
        Exchange(CLIENTS, "topic"),
        Exchange(IN, "topic", arguments={"alternate-exchange": INTAKE}),
    )
    binds = (
        Bind(INTAKE, INTAKE, ""),
        Bind(DEAD, DEAD, "#"),
        *(
            Bind(source, shard_queue(slot), f":{slot:02d}.#")
            for source in (CLIENTS, IN)
            for slot in range(SLOTS)
        ),
    )
    return Topology((*shards, *logs, intake, dead), exchanges, binds)


def document_exchange(document: DocumentId) -> str:
    """The topic exchange of one watched document."""
    return f"doc.{document}"


def document_topology(document: DocumentId) -> Topology:
    """A watched document's exchange, feeding ``hub.events``. Ended by taking its binding away."""
    name = document_exchange(document)
    return Topology(
        exchanges=(Exchange(name, "topic", auto_delete=True),),
        binds=(Bind(name, EVENTS, "#", to="exchange"),),
    )


def gateway_queue(gateway: str, term: int) -> str:
    """A gateway's own queue: another name at each connection, since a classic queue whose node is
    down cannot be declared anew elsewhere."""
    return f"gateway.{gateway}.{term}"


def gateway_address(gateway: str, term: int) -> str:
    """The key that reaches one gateway on ``hub.events``, alone or in ``BCC``."""
    return f":gateway.{gateway}.{term}"


def gateway_topology(gateway: str, term: int) -> Topology:
    """A gateway's queue, the queue that tells it of an overflow, and their bindings."""
    name = gateway_queue(gateway, term)
    lost = f"{name}.lost"
    return Topology(
        queues=(
            Queue(lost, {"x-queue-type": "classic", "x-max-length": 1, "x-expires": UNUSED_MS}),
            Queue(
                name,
                {
                    "x-queue-type": "classic",
                    "x-expires": UNUSED_MS,
                    "x-max-length-bytes": PROCESS_QUEUE_BYTES,
                    "x-overflow": "drop-head",
                    "x-dead-letter-exchange": "",
                    "x-dead-letter-routing-key": lost,
                },
            ),
        ),
        binds=(
            Bind(EVENTS, name, gateway_address(gateway, term)),
            Bind(CONTROL, name, ""),
        ),
    )


def worker_queue(worker: str, term: int) -> str:
    """A hub worker's own queue for ``hub.control``."""
    return f"hub.{worker}.{term}"


def worker_topology(worker: str, term: int) -> Topology:
    """A worker's control queue."""
    name = worker_queue(worker, term)
    return Topology(
        queues=(
            Queue(
                name,
                {
                    "x-queue-type": "classic",
                    "x-expires": UNUSED_MS,
                    "x-max-length-bytes": PROCESS_QUEUE_BYTES,
                    "x-overflow": "drop-head",
                },
            ),
        ),
        binds=(Bind(CONTROL, name, ""),),
    )


def seats_key(slot: int) -> str:
    """Where a gateway's ``Seats`` go on ``hub.clients``. No document id starts with ``:``."""
    return f":{slot:02d}.seats"


def watch_key(slot: int) -> str:
    """Where ``Watch`` goes on ``hub.clients``."""
    return f":{slot:02d}.watch"


def probe_key(slot: int) -> str:
    """Where ``Probe`` goes on ``hub.clients``."""
    return f":{slot:02d}.probe"


def renew_key(slot: int) -> str:
    """Where ``Renew`` goes on ``hub.clients``."""
    return f":{slot:02d}.renew"


def event_key(document: DocumentId, type: str) -> str:
    """Key of an event on ``doc.<document>`` and ``hub.events``, cut to what AMQP takes."""
    return f"{document}.event.{type}"[: limits.ROUTING_KEY_BYTES]


def presence_key(document: DocumentId) -> str:
    """Key of a presence on ``doc.<document>`` and ``hub.events``."""
    return f"{document}.presence"


def reset_key(document: DocumentId) -> str:
    """Key of a reset."""
    return f"{document}.reset"
