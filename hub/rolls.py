"""A gateway calls the roll of its seats: who is there, who is gone, and what it missed. Pure.

It is roster, audit, resume and repair in one: what it tells replaces what was known of it, whatever
went wrong before.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub import acts, leasing, numbering
from hub.presence import Seat
from hub.shard import Gateway, Roll, Shard, Turn
from schemas.ids import DocumentId, epoch_age
from schemas.messages import AskAct, Place, Seat as ToldSeat, Seats
from schemas.presence import Position


def call(turn: Turn, message: Seats) -> None:
    """Everything a gateway has in this shard, or a part of it. All of it replaces what was known.

    An owner that has not had the first part (its predecessor has) takes what it hears, and waits
    for the roll it asked for itself.

    Raises:
        InvalidDocument, MalformedMessage: Something in it is none of this shard's.
    """
    shard = turn.shard
    for seat in message.seats:
        acts.check_shown(seat)
    told = {(acts.mine(turn, seat.document), seat.connection): seat for seat in message.seats}
    places = [(acts.mine(turn, place.document), place) for place in message.places]
    gateway = acts.hear(turn, message.gateway, message.term)
    if gateway is None:
        return
    for (document, _), seat in told.items():
        acts.sit(turn, document, sitting := _seat(gateway, seat))
        leasing.account(turn, document, sitting, seat.lease)
    for document, place in places:
        _repair(turn, document, gateway, place)
    roll = _rolled(gateway, message, told)
    if roll is None:
        return
    for where, connection in shard.rooms.of_gateway(gateway.id):
        if (where, connection) not in roll.told:
            leasing.end_seat(turn, DocumentId(where), connection)
    shard.summaries.replace(gateway.id, message.collections, renew=not gateway.told)
    gateway.told = True
    if gateway.id in shard.awaited:
        acts.answered(turn, gateway.id)


def _rolled(gateway: Gateway, message: Seats, told: Iterable[tuple[str, str]]) -> Roll | None:
    """The whole roll, once its last part has come after all others."""
    roll = Roll(message.at) if message.part == 1 else gateway.roll
    gateway.roll = None
    if roll is None or (roll.at, roll.parts + 1) != (message.at, message.part):
        return None
    roll.parts += 1
    roll.told.update(told)
    if message.part >= message.parts:
        return roll
    gateway.roll = roll
    return None


def _repair(turn: Turn, document: DocumentId, gateway: Gateway, place: Place) -> None:
    """Bring a gateway to where its document is; one that is ahead of the log starts it anew."""
    known = turn.shard.book.documents.get(document)
    if not place.epoch:
        return
    missed = _missed_presence(turn.shard, document, place)
    if known is None:
        numbering.begin(turn, document, seen=place.epoch)
    elif place.epoch == known.epoch:
        if place.seq > (known.base if _of_before(turn.shard, place) else known.seq):
            numbering.begin(turn, document)
        elif place.seq < known.seq or missed:
            _answer(turn, document, gateway, place)
    elif epoch_age(place.epoch) > epoch_age(known.epoch):
        numbering.begin(turn, document, seen=place.epoch)
    else:
        _answer(turn, document, gateway, place)


def _of_before(shard: Shard, place: Place) -> bool:
    """Whether the gateway got there under a former owner. What it has then, the log must have had
    when we took over; if not, it was cut short, and we may have given the same numbers anew."""
    return 0 < place.reached < shard.book.generation


def _missed_presence(shard: Shard, document: DocumentId, place: Place) -> bool:
    """Whether the gateway's copy of presence is not what was told last. As long as that is still to
    be told to everybody, nobody has missed it."""
    room = shard.rooms.get(document)
    if room is None or place.v < 0 or not shard.settled:
        return False
    return (place.generation, place.v) != (shard.book.generation, room.v)


def _answer(turn: Turn, document: DocumentId, gateway: Gateway, place: Place) -> None:
    since = Position(place.epoch, place.seq)
    turn.asks.append((gateway.id, document, AskAct(connection="", ask=0, since=since)))


def _seat(gateway: Gateway, told: ToldSeat) -> Seat:
    return Seat(
        told.connection,
        gateway.id,
        told.user,
        told.name,
        told.info,
        told.mode,
        told.state,
        told.away,
    )
