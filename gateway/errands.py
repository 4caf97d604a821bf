"""What a browser asks of the hub, and the hub's word on it: updates, leases, events.

An update without a lease cannot be refused, so the seat changes at once; one that asks for the
lease changes it when the hub agrees. Who asked for it and got no answer in time does not hold it.
"""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from gateway.actions import Change, Speak
from gateway.outbox import Outbox
from gateway.requests import Request, Requests
from gateway.rooms import Rooms
from gateway.seats import Seat
from gateway.socket import Socket, prepare
from schemas import frames, ids
from schemas.errors import ErrorCode
from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId
from schemas.messages import Done, LeaseLost, Refused, SendAct, UpdateAct

AWAY: Final = "the broker is away, try again"
LATE: Final = "no answer in time; it may have been done"
FOREVER: Final = 1 << 62


class Errands:
    """The open requests of all sockets. ``sockets`` is the switchboard's."""

    def __init__(
        self, outbox: Outbox, rooms: Rooms[Socket], sockets: dict[ConnectionId, Socket]
    ) -> None:
        self._outbox = outbox
        self._rooms = rooms
        self._sockets = sockets
        self._requests = Requests()

    @property
    def next(self) -> int:
        """The number of the next request. What is told before it is older than its answer, what
        carries it is newer than the answers to all earlier ones."""
        return self._requests.last + 1

    def change(self, socket: Socket, change: Change, now: int) -> None:
        """Change a seat."""
        connection = socket.session.connection
        seat = self._rooms.seat(change.document, connection)
        if seat is None:
            return
        if not self._outbox.open:
            if change.lease or change.id is not None:
                self.refuse(socket, change.document, change.id, ErrorCode.UNAVAILABLE, AWAY)
            else:  # Nobody waits for an answer: the roll tells it when the broker is back.
                self._apply(seat, change, self.next)
                if change.lease is False:
                    seat.asks(self._requests.last, lease=False)
                self._outbox.roll(ids.slot_of(change.document))
            return
        number = None
        if change.id is not None or change.lease is not None:
            later = change if change.lease else None
            rolls = self._rooms.rolls[ids.slot_of(change.document)]
            request = Request(connection, change.document, change.id, now, later, rolls)
            number = self._requests.put(request)
        if change.lease is not None:
            seat.asks(self._requests.last, lease=change.lease)
        if not change.lease:
            self._apply(seat, change, self.next)
        act = UpdateAct(
            connection=connection,
            mode=change.mode,
            state=change.state,
            lease=change.lease,
            request=number,
        )
        self._outbox.act(change.document, act)

    def _apply(self, seat: Seat, change: Change, number: int) -> None:
        """The seat changes, unless something later has changed it."""
        if number < seat.touched:
            return
        seat.touched = number
        seat.mode = change.mode or seat.mode
        seat.state = change.state or seat.state

    def speak(self, socket: Socket, speak: Speak, now: int) -> None:
        """Pass an event on."""
        connection = socket.session.connection
        if not self._outbox.open:
            self.refuse(socket, speak.document, speak.id, ErrorCode.UNAVAILABLE, AWAY)
            return
        number = None
        if speak.id is not None:
            number = self._requests.put(Request(connection, speak.document, speak.id, now))
        act = SendAct(
            connection=connection, event=speak.event, ephemeral=speak.ephemeral, request=number
        )
        self._outbox.act(speak.document, act)

    def done(self, said: Done) -> None:
        """The hub did it."""
        request = self._requests.done(said.request)
        socket = None if request is None else self._sockets.get(request.connection)
        if request is None or socket is None:
            return
        if request.change is not None:
            self._granted(request, request.change, said)
        if request.id is not None:
            fence = UNSET if said.fence is None else said.fence
            seq = UNSET if said.seq is None else said.seq
            ok = frames.Ok(id=request.id, document=request.document, fence=fence, seq=seq)
            socket.send(prepare(frames.write_frame(ok)))

    def _granted(self, request: Request, change: Change, said: Done) -> None:
        seat = self._rooms.seat(request.document, request.connection)
        if seat is None:
            return
        self._apply(seat, change, said.request)
        seat.answered(said.request, said.fence or 0)
        slot = ids.slot_of(request.document)
        if self._rooms.rolls[slot] != request.rolls:
            # A roll told the seat without the change, after it was asked for: say it again.
            self._outbox.roll(slot)

    def refused(self, said: Refused) -> None:
        """The hub did not do it."""
        request = self._requests.done(said.request)
        socket = None if request is None else self._sockets.get(request.connection)
        if request is None or socket is None:
            return
        seat = self._rooms.seat(request.document, request.connection)
        if seat is not None and (seat.fence is None or said.code == ErrorCode.LOCKED):
            seat.answered(said.request, 0)
        known = said.code in ErrorCode._value2member_map_
        code = ErrorCode(said.code) if known else ErrorCode.UNAVAILABLE
        by = None if said.by is None else frames.By(said.by, said.by_name or said.by)
        self.refuse(socket, request.document, request.id, code, said.message, by)

    def lease_lost(self, said: LeaseLost) -> None:
        """A seat no longer holds the lease."""
        document, connection = DocumentId(said.document), ConnectionId(said.connection)
        seat, socket = self._rooms.seat(document, connection), self._sockets.get(connection)
        if seat is None or socket is None or not seat.loses(said.fence):
            return
        frame = frames.LeaseFrame(document=document, lost=said.reason, fence=said.fence or UNSET)
        socket.send(prepare(frames.write_frame(frame)))

    def late(self, before: int) -> None:
        """Requests from before this time get no answer any more."""
        for number, request in self._requests.late(before):
            if request.change is not None:
                self._give_up(request, number)
            socket = self._sockets.get(request.connection)
            if socket is not None:
                self.refuse(socket, request.document, request.id, ErrorCode.TIMEOUT, LATE)

    def _give_up(self, request: Request, number: int) -> None:
        """Granted or not, the browser is told neither; a roll says the same if this is lost."""
        seat = self._rooms.seat(request.document, request.connection)
        if seat is not None and seat.asked == number:
            seat.fence = 0
            self._outbox.act(
                request.document, UpdateAct(connection=request.connection, lease=False)
            )

    def lost(self) -> None:
        """The broker is lost, and with it the queue that answers would have come to."""
        self.late(FOREVER)

    def refuse(
        self,
        socket: Socket,
        document: DocumentId,
        id: RequestId | None,
        code: ErrorCode,
        message: str,
        by: frames.By | None = None,
    ) -> None:
        """Answer with an error."""
        told = frames.error(code, message, id=id, document=document, by=UNSET if by is None else by)
        socket.send(prepare(frames.write_frame(told)))
