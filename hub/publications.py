"""What a shard's owner publishes, as messages for the broker. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from broker.port import Delivery, HeaderValue, Outgoing
from hub.presence import weight
from hub.shard import Shard
from schemas import codec, frames, limits, topology
from schemas.events import Event
from schemas.ids import SLOTS, DocumentId
from schemas.log import Batch, Fact, Numbered, Record
from schemas.messages import (
    Answer,
    GatewayLost,
    Marks,
    Part,
    Probe,
    Renew,
    Replies,
    Reply,
    SeatsWanted,
)
from schemas.presence import Presence

T = TypeVar("T")

MESSAGE_BYTES: Final = 1024 * 1024
"""About where a record or a message of replies is split, well within ``limits.BUS_BYTES``."""


def event(shard: Shard, event: Event, *, epoch: str, seq: int | None) -> Outgoing:
    """An event for everybody at its document. ``seq`` is ``None`` for an ephemeral one."""
    known = shard.book.documents.get(event.document)
    # Numbers of an epoch that has ended since are for nobody who had some of it.
    base = known.base if known is not None and known.epoch == epoch else 0
    marks = Marks("event", event.document, shard.book.generation, epoch, seq or 0, base=base)
    return Outgoing(
        exchange=shard.exchanges.target(event.document),
        key=topology.event_key(event.document, event.type),
        body=frames.event_frame(event.document, seq, event.json),
        headers=_headers(marks, shard.audience(event.document)),
        content_type=codec.JSON,
        # AMQP counts bytes, our limit characters.
        message_id=event.id if event.id.isascii() else "",
        persistent=seq is not None,
    )


def presence(shard: Shard, document: DocumentId, presence: Presence) -> Outgoing:
    """A change of presence for the gateways with seats, and whoever is bound."""
    known = shard.book.documents.get(document)
    epoch, seq = (known.epoch, known.seq) if known else ("", 0)
    marks = Marks("presence", document, shard.book.generation, epoch, seq, presence.v)
    room = shard.rooms.get(document)
    return Outgoing(
        exchange=shard.exchanges.target(document),
        key=topology.presence_key(document),
        body=frames.presence_frame(document, presence),
        headers=_headers(marks, shard.addresses(list(room.gateways)) if room else []),
        content_type=codec.JSON,
        persistent=False,
    )


def reset(shard: Shard, document: DocumentId, *, list_knows: bool = False) -> Outgoing:
    """The document's numbers begin anew. ``list_knows``: whoever is at its collection's list was
    told so there."""
    known = shard.book.documents[document]
    marks = Marks("reset", document, shard.book.generation, known.epoch, known.seq)
    return Outgoing(
        exchange=shard.exchanges.target(document),
        key=topology.reset_key(document),
        body=frames.write_frame(frames.Reset(document=document, epoch=known.epoch, seq=known.seq)),
        headers=_headers(marks, shard.audience(document, at_list=not list_knows)),
        content_type=codec.JSON,
    )


def replies(shard: Shard, gateway: str, replies: Sequence[Reply]) -> Iterator[Outgoing]:
    """All replies to one gateway, in as few messages as may be."""
    known = shard.gateways.get(gateway)
    if known is None:
        return
    for some in _split(replies, _reply_bytes):
        message = Replies(slot=shard.slot, generation=shard.book.generation, replies=some)
        yield Outgoing(
            exchange=topology.EVENTS,
            key=known.address,
            body=codec.pack(message),
            content_type=codec.MSGPACK,
            persistent=False,
        )


def control(message: SeatsWanted) -> Outgoing:
    """For everybody."""
    body = codec.pack(message)
    return Outgoing(topology.CONTROL, "", body, content_type=codec.MSGPACK, persistent=False)


def probe(slot: int, worker: str) -> Outgoing:
    """Wakes the owner of a shard, whoever that is: nobody is told that it is his turn."""
    body = codec.pack(Probe(gateway=worker, term=0))
    return Outgoing(
        topology.CLIENTS,
        topology.probe_key(slot),
        body,
        content_type=codec.MSGPACK,
        persistent=False,
    )


def renew(slot: int, message: Renew) -> Outgoing:
    """For every shard but ours, in one message: its confirm says that all of them have it."""
    first, *others = (topology.renew_key(other) for other in range(SLOTS) if other != slot)
    body = codec.pack(message)
    return Outgoing(topology.CLIENTS, first, body, {"BCC": others}, codec.MSGPACK)


def is_probe(slot: int, delivery: Delivery) -> bool:
    """Whether a message of a shard's queue says nothing but that there is one."""
    return delivery.exchange == topology.CLIENTS and delivery.key == topology.probe_key(slot)


def gateway_lost(gateway: str, now: int) -> Outgoing:
    """For any backend that keeps count of connections."""
    body = codec.pack(GatewayLost(gateway=gateway, at=now))
    return Outgoing(topology.CLIENTS, "gateway.lost", body, content_type=codec.MSGPACK)


def dead(delivery: Delivery, queue: str, reason: str, body: bytes | None = None) -> Outgoing:
    """A message that is none (or ``body``, the part of it that is none), with the reason."""
    return Outgoing(
        exchange=topology.DEAD,
        key=queue,
        body=delivery.body if body is None else body,
        headers={
            "reason": reason[: 2 * limits.WHY_CHARS],
            "from": delivery.exchange,
            "key": delivery.key,
        },
        content_type=delivery.content_type,
        message_id=delivery.message_id,
    )


def forward(delivery: Delivery, exchange: str, key: str) -> Outgoing:
    """The same message somewhere else."""
    return Outgoing(
        exchange=exchange,
        key=key,
        body=delivery.body,
        content_type=delivery.content_type,
        message_id=delivery.message_id,
    )


def batches(facts: Sequence[Fact], nonce: str, first: int) -> list[Batch]:
    """The records of one turn, usually one. ``first`` is the number of the first."""
    return [
        Batch(nonce=nonce, n=first + index, facts=some)
        for index, some in enumerate(_split(facts, _fact_bytes))
    ]


def record(slot: int, record: Record, name: str) -> Outgoing:
    """A record for the log. ``name`` lets its writer know it again without reading it."""
    return Outgoing(
        exchange="",
        key=topology.log_queue(slot),
        body=codec.pack(record),
        content_type=codec.MSGPACK,
        message_id=name,
    )


def _headers(marks: Marks, audience: list[str]) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {**marks.headers()}
    if audience:
        headers["BCC"] = audience
    return headers


def _split(things: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    some: list[T] = []
    size = 0
    for thing in things:
        more = size_of(thing)
        if some and size + more > MESSAGE_BYTES:
            yield some
            some, size = [], 0
        some.append(thing)
        size += more
    if some:
        yield some


def _reply_bytes(reply: Reply) -> int:
    match reply:
        case Answer():
            return 300 + sum(map(len, reply.events)) + weight(reply.presence.users)
        case Part():
            return 100 + sum(300 + weight(document.users) for document in reply.documents)
    return 300


def _fact_bytes(fact: Fact) -> int:
    return 600 + len(fact.event) if isinstance(fact, Numbered) else 400
