"""The end of a turn: what has gathered is told, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub import leasing, publications, renewals
from hub.presence import Room, tick_ms
from hub.shard import Gateway, Held, Shard, Turn
from schemas import limits
from schemas.ids import DocumentId
from schemas.log import Serving
from schemas.messages import Answer, AskAct, PresenceNow

SWEEP_MS: Final = 30_000
"""How often histories are looked through for old ones."""
HOLD_ASK_MS: Final = 1_500
"""How long a question waits for older history. A gateway asks again after two seconds."""
HELD_ASKS: Final = 1_000
"""In one shard; more are answered at once."""


def begin(
    turn: Turn, *, awaited: Mapping[str, int], settle_ms: int, answers_ms: int, trusted: bool
) -> None:
    """The first turn of an ownership: whom to wait for, and the exchanges it takes over.

    Args:
        awaited: The gateways known to be alive, with their terms.
        trusted: The log is believed that these exchanges exist.
    """
    shard, now = turn.shard, turn.now
    shard.awaited = set(awaited)
    shard.gateways = {name: Gateway(name, term) for name, term in awaited.items() if term}
    shard.settles_from, shard.settles_by = now + settle_ms, now + answers_ms
    shard.swept_at = now
    renewals.inherit(shard, now)
    for document in shard.book.exchanges:
        order = shard.exchanges.inherit(document, now, trusted=trusted)
        if order is not None:
            turn.orders.append(order)


def close(turn: Turn) -> None:
    """Tell what is due: presence, answers, parts of collections; then the replies."""
    shard, now = turn.shard, turn.now
    if not shard.settled and _may_settle(shard, now):
        _settle(turn)
    if not shard.leases_checked and now >= shard.settles_by:
        _end_orphaned_leases(turn)
    if shard.settled and shard.rooms.dirty:
        asked = {document for _, document, _ in turn.asks}
        for room in tuple(shard.rooms.dirty.values()):
            if room.document in asked or _room_due(room) <= now:
                _tell(turn, room)
    renewals.go_on(turn)
    _answer_all(turn)
    summaries_due = shard.summaries.due(now)
    if shard.settled and summaries_due is not None and summaries_due <= now:
        for gateway, part in shard.summaries.parts(now, shard.rooms, complete=shard.complete):
            turn.reply(gateway, part)
    for gateway, replies in turn.replies.items():
        turn.out.extend(publications.replies(shard, gateway, replies))
    for order in shard.exchanges.endings(now):
        turn.exchange(order.document, on=False)
        turn.orders.append(order)
    _note_told_lost(turn)
    if now >= shard.swept_at + SWEEP_MS:
        shard.swept_at = now
        shard.book.drop_older(now - limits.HISTORY_MS)


def _note_told_lost(turn: Turn) -> None:
    """Whose loss was told is there no more. Only now: had we died before it was out, our successor
    would have had to tell it. It may tell it again."""
    shard = turn.shard
    told, shard.told_lost = shard.told_lost, turn.lost
    for name in told:
        gateway = shard.gateways.get(name)
        if name in shard.book.gateways and (gateway is None or gateway.lost):
            turn.decided(Serving(gateway=name, on=False))


def due(shard: Shard) -> int:
    """When the shard needs a turn although nobody says anything: Unix milliseconds."""
    times = [shard.swept_at + SWEEP_MS, *(held.due for held in shard.held[:1])]
    renewing = shard.renewing.due
    if renewing is not None:
        times.append(renewing)
    exchanges = shard.exchanges.due()
    if exchanges is not None:
        times.append(exchanges)
    if not shard.leases_checked:
        times.append(shard.settles_by)
    if not shard.settled:
        times.append(shard.settles_by if shard.awaited else shard.settles_from)
        return min(times)
    times.extend(_room_due(room) for room in shard.rooms.dirty.values())
    summaries = shard.summaries.due(0)
    if summaries is not None:
        times.append(summaries)
    return min(times)


def _may_settle(shard: Shard, now: int) -> bool:
    return now >= shard.settles_by or (not shard.awaited and now >= shard.settles_from)


def _settle(turn: Turn) -> None:
    """Everybody who was to be asked has answered, or has had the time to."""
    shard = turn.shard
    shard.settled = True
    shard.summaries.renew()
    for room in shard.rooms:
        shard.rooms.touch(room)


def _end_orphaned_leases(turn: Turn) -> None:
    """By now every gateway has had the time to tell its seats: who is not here holds nothing."""
    shard = turn.shard
    shard.leases_checked = True
    shard.holders.clear()
    for document, held in tuple(shard.book.leases.items()):
        holders = shard.rooms.get(document)
        if holders is None or held.connection not in holders.seats:
            leasing.end_lease(turn, document, held.connection, "expired")


def _room_due(room: Room) -> int:
    """The first change after a pause goes at once, the next ones wait for the tick."""
    return room.told_at + tick_ms(len(room.shown))


def _tell(turn: Turn, room: Room) -> None:
    shard = turn.shard
    try:
        change = room.change(turn.now, complete=shard.complete)
        if change is not None:
            turn.out.append(publications.presence(shard, DocumentId(room.document), change))
    except Exception as error:  # the other rooms are told
        turn.failed.append(error)
    shard.rooms.told(room)


def _answer_all(turn: Turn) -> None:
    """What was asked, and what was held and can be answered now. A question that older history may
    answer waits for it, not longer than ``HOLD_ASK_MS``."""
    shard, now = turn.shard, turn.now
    held, shard.held = shard.held, []
    asks = [Held(*asked, now + HOLD_ASK_MS) for asked in turn.asks]
    for each in (*held, *asks):
        known = shard.book.documents.get(each.document)
        if known is None:
            continue  # out of bounds since it was asked; the gateway asks again
        waits = shard.recalling and now < each.due and len(shard.held) < HELD_ASKS
        if waits and known.lacks(each.ask.since):
            shard.held.append(each)
        else:
            try:
                turn.reply(each.gateway, _answer(shard, DocumentId(each.document), each.ask))
            except Exception as error:  # it is asked again; the other documents are answered
                turn.failed.append(error)


def _answer(shard: Shard, document: DocumentId, ask: AskAct) -> Answer:
    known = shard.book.documents[document]
    replay = known.since(ask.since)
    room = shard.rooms.get(document)
    if room is not None:
        presence = room.whole(complete=shard.complete)
    else:
        presence = PresenceNow(
            v=shard.rooms.v,
            users=[],
            reading=0,
            editing=0,
            complete=shard.complete,
            lease=shard.lease_of(document),
        )
    return Answer(
        ask=ask.ask,
        document=document,
        epoch=known.epoch,
        seq=known.seq,
        since=replay.since,
        recovered=replay.recovered,
        events=replay.events,
        presence=presence,
        base=known.base,
    )
