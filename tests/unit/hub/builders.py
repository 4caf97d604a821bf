"""A shard, and the messages it takes, in one line each."""

import json
from collections.abc import Sequence
from typing import Any

from broker.port import Delivery, Outgoing
from hub import closing, decide
from hub.fold import Book, Budget
from hub.settings import HubSettings
from hub.shard import Shard, Turn
from schemas import codec, messages, topology
from schemas.ids import DocumentId, routing_key, slot_of
from schemas.log import Claim
from schemas.messages import Act, Acts, AskAct, JoinAct, LeaveAct
from schemas.presence import Mode, Position

DOCUMENT = DocumentId("article.42")
SLOT = slot_of(DOCUMENT)
NEIGHBOURS = [
    DocumentId(f"article.{n}") for n in range(200) if slot_of(DocumentId(f"article.{n}")) == SLOT
][:3]
"""Documents of the same shard."""
START = 1_700_000_000_000


def shard(settings: HubSettings | None = None, *, settled: bool = True) -> Shard:
    """A shard just claimed, its log empty."""
    book = Book(Budget())
    book.fold(Claim(worker="w", nonce="mine", at=START))
    it = Shard(SLOT, book, settings or HubSettings())
    it.settled = it.leases_checked = settled
    it.swept_at = START
    return it


def delivery(
    exchange: str, key: str, body: bytes, *, content_type: str = "", redelivered: bool = False
) -> Delivery:
    return Delivery(1, exchange, key, body, {}, content_type, "", redelivered)


def event(id: str, data: str = '{"x":1}', *, document: str = DOCUMENT, type: str = "note") -> bytes:
    """A CloudEvent as a producer writes it."""
    return (
        f'{{"specversion":"1.0","id":"{id}","source":"/test","type":"{type}",'
        f'"subject":"{document}","actor":"leela","data":{data}}}'
    ).encode()


def change(id: str, data: str = '{"x":1}', *, redelivered: bool = False, **more: str) -> Delivery:
    """An event off ``hub.in``."""
    body = event(id, data, **more)
    return delivery(topology.IN, routing_key(DOCUMENT), body, redelivered=redelivered)


def acts(*some: Act, gateway: str = "g1", term: int = 1, document: str = DOCUMENT) -> Delivery:
    """Acts of one gateway at one document."""
    message = Acts(gateway=gateway, term=term, document=document, at=0, acts=list(some))
    return delivery(topology.CLIENTS, routing_key(DocumentId(document)), codec.pack(message))


def seats(
    *some: messages.Seat,
    places: Sequence[messages.Place] = (),
    collections: Sequence[str] = (),
    gateway: str = "g1",
    term: int = 1,
) -> Delivery:
    """Everything one gateway has in the shard."""
    message = messages.Seats(
        gateway=gateway,
        term=term,
        slot=SLOT,
        at=0,
        places=list(places),
        seats=list(some),
        collections=list(collections),
    )
    return delivery(topology.CLIENTS, topology.seats_key(SLOT), codec.pack(message))


def renewal(collection: str, id: str, *, slot: int = SLOT, redelivered: bool = False) -> Delivery:
    """Another shard's word that a collection's documents begin anew, as this event asks for."""
    body = codec.pack(messages.Renew(collection=collection, source="/test", id=id))
    return delivery(topology.CLIENTS, topology.renew_key(slot), body, redelivered=redelivered)


def join(
    connection: str,
    user: str,
    mode: Mode = "reading",
    *,
    previous: str | None = None,
    lease: int | None = None,
) -> JoinAct:
    return JoinAct(
        connection=connection,
        user=user,
        name=user.title(),
        info=b"{}",
        mode=mode,
        state=b"{}",
        previous=previous,
        lease=lease,
    )


def told(
    connection: str, user: str, mode: Mode = "reading", *, lease: int | None = None
) -> messages.Seat:
    """A seat as ``Seats`` tells it."""
    return messages.Seat(
        document=DOCUMENT,
        connection=connection,
        user=user,
        name=user.title(),
        info=b"{}",
        mode=mode,
        state=b"{}",
        lease=lease,
    )


def leave(connection: str) -> LeaveAct:
    return LeaveAct(connection=connection)


def ask(number: int, since: Position | None = None) -> AskAct:
    return AskAct(connection="", ask=number, since=since)


def turn(it: Shard, *deliveries: Delivery, now: int = START) -> Turn:
    """One whole turn."""
    result = Turn(it, now)
    for one in deliveries:
        decide.take(result, one)
    closing.close(result)
    return result


def frames(result: Turn, what: str) -> list[dict[str, Any]]:
    """The published frames of one kind."""
    return [json.loads(one.body) for one in result.out if one.headers.get("w") == what]


def dead(result: Turn) -> list[Outgoing]:
    return [one for one in result.out if one.exchange == topology.DEAD]


def bcc(one: Outgoing) -> list[str]:
    """The gateways a message is for."""
    listed = one.headers.get("BCC", [])
    assert isinstance(listed, list)
    return [str(address) for address in listed]
