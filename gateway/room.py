"""One document as this gateway knows it, and the sockets at it. Pure.

The order of things in every method: first what the sockets already here must hear, then the joins
that can be answered by it. A socket that was answered is at the room's position like all others, so
one position does for the room, however many are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, Generic

from msgspec import UNSET, Raw

from gateway import asking
from gateway.asking import Asking
from gateway.effects import Deliver, Effect, P, Unanswered
from gateway.line import Line, Moved
from gateway.pending import Pending
from gateway.ring import Ring
from gateway.roster import Roster
from gateway.seats import Seat
from gateway.summaries import Collection as Members, Keys
from schemas import frames, limits
from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId, epoch_age
from schemas.messages import Answer
from schemas.presence import Position, Presence

PARTS_MS: Final = 1_000
"""How long a join at a list waits for all sixteen parts; then it gets what is known."""


class Room(Generic[P]):
    """A document with seats here, or a member of a watched collection without any.

    Attributes:
        seats: By connection, also those whose socket is gone.
        peers: The sockets that were answered ``joined``.
        members: For a list: the collection.
    """

    __slots__ = (
        "_asking",
        "_fits",
        "_pending",
        "document",
        "line",
        "members",
        "peers",
        "ring",
        "roster",
        "seats",
    )

    def __init__(
        self,
        document: DocumentId,
        fits: Callable[[P, int], bool],
        members: Members[P] | None = None,
    ) -> None:
        self.document = document
        self._fits = fits
        self.members = members
        self.line = Line(document)
        self.ring: Ring | None = None
        self.roster: Roster | None = None
        self.seats: dict[ConnectionId, Seat] = {}
        self.peers: dict[ConnectionId, P] = {}
        self._pending: list[Pending[P]] = []
        self._asking = Asking()

    # --- seats ----------------------------------------------------------------------

    def join(
        self,
        seat: Seat,
        peer: P,
        id: RequestId | None,
        since: Position | None,
        keys: Keys,
        now: int,
    ) -> list[Effect[P]]:
        """A socket takes ``seat``, or the whole of it anew."""
        if self.roster is None:
            self.roster = Roster()
            self.ring = Ring(self.line.seq)
        self.seats[seat.connection] = seat
        if self.members is not None:
            since = None  # A collection is never resumed event by event.
        pending = Pending(peer, seat.connection, id, since, keys, now)
        self._pending.append(pending)
        return self._settle(now, [pending])  # Nothing is new to the others.

    def leave(self, connection: ConnectionId) -> tuple[Seat | None, list[Effect[P]]]:
        """The seat ends, and the joins that still wait for their answer with it."""
        waiting = [pending for pending in self._pending if pending.connection == connection]
        self.detach(connection)
        return self.seats.pop(connection, None), [
            Unanswered(connection, self.document, id, seated=False, left=True)
            for pending in waiting
            for id in (pending.id, *pending.syncs)
            if id is not None
        ]

    def sync(self, connection: ConnectionId, id: RequestId) -> bool:
        """A socket asks for the whole: whether its ``joined`` is yet to come, and ``ok`` after."""
        waits = [pending for pending in self._pending if pending.connection == connection]
        if waits:
            waits[-1].syncs.append(id)
        return bool(waits)

    def detach(self, connection: ConnectionId) -> None:
        """The socket is gone; its seat may stay."""
        peer = self.peers.pop(connection, None)
        self._pending = [p for p in self._pending if p.connection != connection]
        if self.members is not None and peer is not None:
            self.members.unseat(peer)

    # --- what happened --------------------------------------------------------------

    def event(
        self, epoch: str, seq: int, frame: bytes, readers: Collection[P], now: int
    ) -> list[Effect[P]]:
        """A numbered event. ``readers``: sockets at the collection's list and not here."""
        if not self.line.known and self.roster is None:
            self.line.begin(epoch, seq - 1)  # Nobody is seated: go on from the first one seen.
        moved = self.line.event(epoch, seq, frame)
        if self.line.gap and self.line.known:
            self._asking.by(now + limits.HOLD_MS)
        return self._moved(moved, readers, now)

    def restart(self, epoch: str, seq: int, readers: Collection[P], now: int) -> list[Effect[P]]:
        """The document's numbers begin anew."""
        return self._moved(self.line.restart(epoch, seq), readers, now)

    def presence(self, generation: int, v: int, said: Presence, now: int) -> list[Effect[P]]:
        """Somebody came, changed or went."""
        if self.roster is None:
            return []
        told = self._told(self.roster.heard(generation, v, said))
        if self.roster.behind:
            self._asking.by(now + limits.HOLD_MS)
        return [*told, *self._settle(now)]

    def answer(
        self, generation: int, said: Answer, readers: Collection[P], now: int
    ) -> list[Effect[P]]:
        """The owner told the document as it is."""
        self.line.compare(generation, said.epoch, said.base)
        known = self.line.known
        ours = said.ask != 0 and said.ask == self._asking.number
        asked = self._asking.since if ours else None
        moved = self.line.fill(said.epoch, said.since, said.events, said.seq, asked=asked)
        effects: list[Effect[P]] = []
        if self.ring is not None:
            if not known:
                self.ring.restart(said.seq)
            if self.line.epoch == said.epoch and moved.reset is None:
                self.ring.reach_back(self.document, said.since, said.events)
        effects += self._moved(moved, readers, now, settle=False)
        if self.roster is not None:
            effects += self._told(self.roster.answered(generation, said.presence))
        if ours:
            self._mark_answered(said)
            self._asking.answered()
        if self.line.gap or (self.roster is not None and self.roster.behind):
            self._asking.by(now + limits.HOLD_MS)
        return [*effects, *self._settle(now)]

    def _moved(
        self, moved: Moved, readers: Collection[P], now: int, *, settle: bool = True
    ) -> list[Effect[P]]:
        effects: list[Effect[P]] = []
        if moved.reset is not None:
            if self.ring is not None:
                self.ring.restart(moved.reset.seq)
            place = frames.Reset(
                document=self.document, epoch=moved.reset.epoch, seq=moved.reset.seq
            )
            to = [*self.peers.values(), *readers]
            effects.append(Deliver(to, frames.write_frame(place)))
        for _, frame in moved.events:
            if self.ring is not None:
                self.ring.append(frame)
            effects.append(Deliver([*self.peers.values(), *readers], frame))
        return [*effects, *self._settle(now)] if settle else effects

    def _told(self, presences: list[Presence]) -> list[Effect[P]]:
        if not self.peers:
            return []
        to = list(self.peers.values())
        return [
            Deliver(to, frames.presence_frame(self.document, presence), self.document)
            for presence in presences
        ]

    # --- joins ----------------------------------------------------------------------

    def _settle(self, now: int, joins: list[Pending[P]] | None = None) -> list[Effect[P]]:
        """Answer those of these joins (or of all) that can be; ask for the rest at once."""
        effects: list[Effect[P]] = []
        for pending in list(self._pending) if joins is None else joins:
            verdict = self._verdict(pending, now)
            if verdict is None:
                continue
            recovered, events = verdict
            self._pending.remove(pending)
            self.peers[pending.connection] = pending.peer
            if self.members is not None:
                self.members.seat(pending.peer, pending.keys)
            effects.append(Deliver([pending.peer], self._joined(pending, recovered, events)))
            effects += pending.synced(self.document)
        if not self._asking.number and any(pending.ask == 0 for pending in self._pending):
            self._asking.by(now)
        return effects

    def _verdict(self, pending: Pending[P], now: int) -> tuple[bool, list[bytes]] | None:
        """``(recovered, events)``, or ``None``: it must wait."""
        if not self.line.known or self.roster is None or not self.roster.known:
            return None
        if self.members is not None and not self.members.complete:
            return (False, []) if now - self.members.since >= PARTS_MS else None
        since = pending.since
        if since is None:
            return False, []
        if since.epoch == self.line.epoch:
            missed = None if self.ring is None else self.ring.after(since.seq)
            if missed is not None:
                fits = not missed or self._fits(pending.peer, sum(map(len, missed)))
                return (True, missed) if fits else (False, [])
        elif epoch_age(since.epoch) < epoch_age(self.line.epoch):
            return False, []
        return (False, []) if pending.answered else None

    def _joined(self, pending: Pending[P], recovered: bool, events: list[bytes]) -> bytes:
        assert self.roster is not None
        members = self.members
        joined = frames.Joined(
            id=pending.id,
            document=self.document,
            epoch=self.line.epoch,
            seq=self.line.seq,
            recovered=recovered,
            events=[Raw(event) for event in events],
            presence=self.roster.whole(),
            summary=UNSET if members is None else members.summary(pending.peer),
        )
        return frames.write_frame(joined)

    def _mark_answered(self, said: Answer) -> None:
        asked = self._asking.since
        for pending in [p for p in self._pending if p.ask == said.ask]:
            # An old position that cannot be recovered must not spoil it for newer ones, however
            # many there are: each question puts the oldest aside.
            since = pending.since
            pending.answered = said.recovered or since is None or asking.serves(since, asked)
            if not pending.answered:
                pending.ask = 0

    # --- time -----------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether ``tick`` has something to look after."""
        return bool(self._pending) or self._asking.at is not None

    def due(self, now: int) -> bool:
        """Whether there is a question to ask now."""
        return self._asking.at is not None and now >= self._asking.at

    def tick(self, now: int, number: int, request_ms: int) -> list[Effect[P]]:
        """Ask what is due, under ``number`` if it is a new question; give up old joins."""
        effects: list[Effect[P]] = self._settle(now)
        for pending in [p for p in self._pending if now - p.at >= request_ms]:
            self._pending.remove(pending)
            again = any(other.connection == pending.connection for other in self._pending)
            seated = again or pending.connection in self.peers
            for id in (pending.id, *pending.syncs):
                effects.append(Unanswered(pending.connection, self.document, id, seated))
        at = self._asking.at
        if at is None or now < at:
            return effects
        behind = self.line.gap or (self.roster is not None and self.roster.behind)
        if not self._pending and not behind:
            self._asking.answered()
            return effects
        since = asking.earliest([self.line.position, *(p.since for p in self._pending)])
        ask = self._asking.put(self.document, number, since, now)
        for pending in self._pending:
            if asking.serves(since, pending.since):
                pending.ask = ask.number
        return [*effects, ask]
