"""Seats that change or end, with the lease that hangs on them. Pure.

A lease is a page's: it ends with its seat, unless the page's next connection says that it goes on.
Each roll of a gateway says what its seats hold by their own account, so that nobody believes to
hold what is lost, and nobody holds what they were never told of.
"""

from __future__ import annotations

from msgspec import structs

from hub import lease
from hub.presence import Room, Seat
from hub.shard import Gateway, Turn
from schemas.errors import ErrorCode
from schemas.ids import DocumentId
from schemas.log import Granted
from schemas.messages import Done, LeaseLost, Refused, UpdateAct


def update(turn: Turn, document: DocumentId, gateway: Gateway, act: UpdateAct) -> None:
    """Change a seat; all of what is asked or nothing.

    Who gives up a lease together with a change need not hold it: it is the change that counts.
    """
    room = turn.shard.rooms.get(document)
    seat = room.seats.get(act.connection) if room else None
    if room is None or seat is None:
        _update_of_unknown(turn, document, gateway, act)
        return
    fence: int | None = None
    if act.lease is True:
        answer = _request(turn, room, seat)
        if isinstance(answer, lease.Locked):
            _refuse_locked(turn, document, gateway, act, answer)
            return
        fence = answer
    elif (
        act.lease is False
        and not end_lease(turn, document, act.connection, "released")
        and act.mode is None
        and act.state is None
    ):
        message = f"you do not hold the lease of {document}"
        _refuse(turn, document, gateway, act, ErrorCode.NOT_HOLDER, message)
        return
    if act.mode is not None or act.state is not None:
        changed = Seat(
            seat.connection,
            seat.gateway,
            seat.user,
            seat.name,
            seat.info,
            seat.mode if act.mode is None else act.mode,
            seat.state if act.state is None else act.state,
            seat.away,
        )
        if turn.shard.rooms.put(document, changed):
            turn.shard.summaries.touch(document)
    if act.request is not None:
        turn.reply(gateway.id, Done(request=act.request, document=document, fence=fence))


def end_seat(turn: Turn, document: DocumentId, connection: str) -> None:
    """A seat ends, and the lease it held. Nothing if there is none."""
    shard = turn.shard
    end_lease(turn, document, connection, "left")
    if shard.rooms.end(document, connection) is None:
        return
    shard.summaries.touch(document)
    room = shard.rooms.get(document)
    if room is not None and not room.seats:
        shard.exchanges.unwant(document, turn.now)


def account(
    turn: Turn, document: DocumentId, seat: Seat, fence: int | None, *, joining: bool = False
) -> None:
    """What a seat holds by its own account: this fence, 0: nothing, ``None``: it cannot say.

    A fence in force that is the same user's moves to this seat: it is the same page, on its next
    connection. Of one that is in force no more the seat is told. So it is if its page has gone on
    at another gateway, and only here its line is not known to be dead yet: ``joining`` is news of
    where the page is, a roll is none.
    """
    if fence == 0:
        end_lease(turn, document, seat.connection, "released")
    if not fence:
        return
    held = turn.shard.book.leases.get(document)
    if lease.goes_on(held, seat.user, fence):
        assert held is not None
        if held.connection == seat.connection:
            if not turn.shard.leases_checked:
                turn.shard.holders.add(seat.connection)
            return
        if joining or not _sits_elsewhere(turn, document, held.connection, seat.gateway):
            turn.decided(structs.replace(held, connection=seat.connection, name=seat.name))
            return
    elsewhere = held is not None and held.user == seat.user and held.connection != seat.connection
    _tell_lost(turn, seat, document, fence, "taken" if elsewhere else "expired")


def _sits_elsewhere(turn: Turn, document: str, connection: str, gateway: str) -> bool:
    """Whether a holder is at another gateway, and not away. Before all gateways have had the time
    to tell, only one that told so itself: our predecessor may have missed where a page went."""
    room = turn.shard.rooms.get(document)
    holder = room.seats.get(connection) if room else None
    if holder is None or not (turn.shard.leases_checked or connection in turn.shard.holders):
        return False
    return holder.gateway != gateway and not holder.away


def end_lease(turn: Turn, document: str, connection: str, reason: str) -> bool:
    """End the lease if this connection holds it. Returns whether it did."""
    ended = lease.end(turn.shard.book.leases.get(document), connection, reason)
    if ended is None:
        return False
    turn.decided(ended)
    _show_lease(turn, document)
    return True


def _request(turn: Turn, room: Room, seat: Seat) -> int | lease.Locked:
    book = turn.shard.book
    answer = lease.request(
        room.document,
        book.leases.get(room.document),
        connection=seat.connection,
        user=seat.user,
        name=seat.name,
        last_fence=book.fence,
        now=turn.now,
    )
    match answer:
        case lease.Locked():
            return answer
        case lease.Held():
            return answer.fence
        case lease.Grant():
            if answer.taken is not None:
                _take_away(turn, room, answer.taken)
            turn.decided(answer.granted)
            _show_lease(turn, room.document)
            return answer.granted.fence


def _take_away(turn: Turn, room: Room, held: Granted) -> None:
    end_lease(turn, room.document, held.connection, "taken")
    holder = room.seats.get(held.connection)
    if holder is not None:
        _tell_lost(turn, holder, room.document, held.fence, "taken")


def _tell_lost(turn: Turn, seat: Seat, document: str, fence: int, reason: str) -> None:
    lost = LeaseLost(document=document, connection=seat.connection, reason=reason, fence=fence)
    turn.reply(seat.gateway, lost)


def _show_lease(turn: Turn, document: str) -> None:
    room = turn.shard.rooms.get(document)
    if room is not None:
        room.lease = turn.shard.lease_of(document)
        turn.shard.rooms.touch(room)


def _update_of_unknown(turn: Turn, document: DocumentId, gateway: Gateway, act: UpdateAct) -> None:
    """A seat its gateway has not told this owner yet is on its way, with this change in it; but a
    lease needs to know whose it is."""
    if gateway.told:
        message = f"not joined to {document}"
        _refuse(turn, document, gateway, act, ErrorCode.NOT_JOINED, message)
    elif act.lease is not None:
        message = "a new owner is taking over; try again"
        _refuse(turn, document, gateway, act, ErrorCode.UNAVAILABLE, message)
    elif act.request is not None:
        turn.reply(gateway.id, Done(request=act.request, document=document))


def _refuse_locked(
    turn: Turn, document: DocumentId, gateway: Gateway, act: UpdateAct, locked: lease.Locked
) -> None:
    if act.request is not None:
        refused = Refused(
            request=act.request,
            document=document,
            code=ErrorCode.LOCKED,
            message=f"{locked.name} is editing {document}",
            by=locked.user,
            by_name=locked.name,
        )
        turn.reply(gateway.id, refused)


def _refuse(
    turn: Turn,
    document: DocumentId,
    gateway: Gateway,
    act: UpdateAct,
    code: ErrorCode,
    message: str,
) -> None:
    if act.request is not None:
        refused = Refused(request=act.request, document=document, code=code, message=message)
        turn.reply(gateway.id, refused)
