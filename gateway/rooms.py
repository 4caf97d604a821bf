"""All documents of one gateway: which room a message is for, and what becomes of it. Pure.

Two rules are kept here for all of them. Of each slot only the newest ownership is heard: what an
older owner still says is dropped. And a member of a watched collection has a room even with nobody
seated there, so that the sockets at the list hear its events once and in order too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic

from gateway.effects import Deliver, Effect, P, Watching
from gateway.room import Room
from gateway.roster import read_presence
from gateway.seats import Seat
from gateway.summaries import Collection, Keys
from gateway.watched import Watched
from schemas import frames, ids, limits, messages
from schemas.frames import RequestId
from schemas.ids import SLOTS, ConnectionId, DocumentId
from schemas.messages import Answer, Marks, Part, Place
from schemas.presence import Position

MEMBERS: Final = 10_000
"""Rooms without seats, for members of watched collections. Beyond it the oldest are forgotten:
their next event is taken as it comes."""
RINGS_BYTES: Final = 256 * 1024 * 1024
"""What this process keeps of events for those who come back; the oldest rooms' go first."""


class Rooms(Generic[P]):
    """The rooms by document, the watched collections by name.

    Attributes:
        rolls: How often all seats of each slot were told.

    Args:
        request_ms: How long a join may wait for its answer.
        fits: Whether a socket has room for a replay of so many bytes; if not, it reloads.
    """

    def __init__(
        self,
        request_ms: int = limits.REQUEST_MS,
        fits: Callable[[P, int], bool] = lambda peer, size: True,
    ) -> None:
        self._request_ms = request_ms
        self._fits = fits
        self._rooms: dict[DocumentId, Room[P]] = {}
        self._by_slot: list[dict[DocumentId, Room[P]]] = [{} for _ in range(SLOTS)]
        self._watched: Watched[P] = Watched()
        self._empty: dict[DocumentId, None] = {}
        self._waiting: set[DocumentId] = set()
        self._generations = [0] * SLOTS
        self.rolls = [0] * SLOTS
        self._asked = 0

    # --- seats ----------------------------------------------------------------------

    def join(
        self,
        document: DocumentId,
        seat: Seat,
        peer: P,
        *,
        id: RequestId | None = None,
        since: Position | None = None,
        keys: Keys = None,
        now: int,
    ) -> list[Effect[P]]:
        """A socket takes a seat. It hears of the document once it was answered."""
        effects: list[Effect[P]] = []
        room = self._rooms.get(document)
        if room is None:
            members = None
            if ids.is_list(document):
                members, watching = self._watched.hold(ids.collection_of(document), now)
                effects += watching
            room = self._put(Room(document, self._fits, members))
        self._empty.pop(document, None)
        effects += room.join(seat, peer, id, since, keys, now)
        if room.due(now):
            return [*effects, *self._tick_room(room, now)]
        if room.waiting:
            self._waiting.add(document)
        return effects

    def leave(
        self, document: DocumentId, connection: ConnectionId, now: int
    ) -> tuple[Seat | None, list[Effect[P]]]:
        """The seat ends."""
        room = self._rooms.get(document)
        if room is None:
            return None, []
        seat, effects = room.leave(connection)
        return seat, effects if room.seats else [*effects, *self._emptied(room, now)]

    def sync(self, document: DocumentId, connection: ConnectionId, id: RequestId) -> bool:
        """Whether the answer waits for ``joined``, which tells the whole."""
        room = self._rooms.get(document)
        return room is not None and room.sync(connection, id)

    def detach(self, document: DocumentId, connection: ConnectionId) -> Seat | None:
        """The socket is gone. Its seat stays, away."""
        room = self._rooms.get(document)
        if room is None:
            return None
        room.detach(connection)
        seat = room.seats.get(connection)
        if seat is not None:
            seat.away = True
        return seat

    def seat(self, document: DocumentId, connection: ConnectionId) -> Seat | None:
        """Who sits there."""
        room = self._rooms.get(document)
        return None if room is None else room.seats.get(connection)

    def peer(self, document: DocumentId, connection: ConnectionId) -> P | None:
        """The socket of that seat, once it was answered."""
        room = self._rooms.get(document)
        return None if room is None else room.peers.get(connection)

    def whole(self, document: DocumentId, connection: ConnectionId) -> list[bytes]:
        """Presence, and for a list the summary, as whole frames for one socket."""
        room = self._rooms.get(document)
        peer = None if room is None else room.peers.get(connection)
        if room is None or peer is None or room.roster is None:
            return []
        told = [frames.presence_frame(document, room.roster.whole())]
        if room.members is not None:
            told.append(frames.summary_frame(document, room.members.summary(peer)))
        return told

    # --- what the bus says ----------------------------------------------------------

    def owned(self, slot: int, generation: int) -> bool:
        """A message of this ownership came: whether it is the newest we know of."""
        if generation < self._generations[slot]:
            return False
        self._generations[slot] = generation
        return True

    def hear(self, marks: Marks, body: bytes, now: int) -> list[Effect[P]]:
        """A document's message came.

        Raises:
            MalformedMessage: Its body is no presence.
        """
        document = DocumentId(marks.document)
        if not self.owned(ids.slot_of(document), marks.generation):
            return []
        collection = self._watched.get(ids.collection_of(document))
        room = self._rooms.get(document)
        if room is None:
            if collection is None or marks.what == "presence":
                return []
            room = self._member(document)
        position = room.line.position
        effects = self._heard(room, self._readers(room, collection), marks, body, now)
        room.line.moved(position, marks.generation)
        if room.waiting:
            self._waiting.add(document)
        return effects

    def _heard(
        self, room: Room[P], readers: list[P], marks: Marks, body: bytes, now: int
    ) -> list[Effect[P]]:
        if marks.what == "presence":
            said = read_presence(body) if room.roster is not None else None
            return [] if said is None else room.presence(marks.generation, marks.v, said, now)
        if marks.what == "reset":
            return room.restart(marks.epoch, marks.seq, readers, now)
        if marks.seq == 0:  # Ephemeral: no place in the order.
            return [Deliver([*room.peers.values(), *readers], body)]
        room.line.compare(marks.generation, marks.epoch, marks.base)
        return room.event(marks.epoch, marks.seq, body, readers, now)

    def answer(self, slot: int, generation: int, said: Answer, now: int) -> list[Effect[P]]:
        """The owner told a document."""
        room = self._rooms.get(DocumentId(said.document))
        if not self.owned(slot, generation) or room is None:
            return []
        collection = self._watched.get(ids.collection_of(room.document))
        position = room.line.position
        effects = room.answer(generation, said, self._readers(room, collection), now)
        room.line.moved(position, generation)
        return [*effects, *self._tick_room(room, now)]

    def part(self, slot: int, generation: int, said: Part, now: int) -> list[Effect[P]]:
        """The owner told its part of a collection; see ``tell``."""
        collection = self._watched.get(said.collection)
        if not self.owned(slot, generation) or collection is None:
            return []
        if not collection.take(slot, generation, said):
            return [Watching(said.collection, True, slot)]
        room = self._rooms.get(ids.list_of(said.collection))
        return [] if room is None else self._tick_room(room, now)

    def tell(self) -> list[Effect[P]]:
        """Summaries of what changed since the last call. Call it once a turn."""
        return [told for collection in self._watched for told in collection.tell()]

    # --- time -----------------------------------------------------------------------

    def tick(self, now: int) -> list[Effect[P]]:
        """Ask again, give up. Call it every 50 ms or so; it looks at waiting rooms only."""
        effects: list[Effect[P]] = []
        for document in list(self._waiting):
            room = self._rooms.get(document)
            if room is None:
                self._waiting.discard(document)
            else:
                effects += self._tick_room(room, now)
        return effects

    def sweep(self, now: int) -> list[Effect[P]]:
        """Once a second: keep the bounds, end what nobody looks at any more."""
        size = sum(room.ring.size for room in self._rooms.values() if room.ring is not None)
        for room in self._rooms.values():
            if size <= RINGS_BYTES:
                break
            if room.ring is not None:
                size -= room.ring.size
                room.ring.restart(room.ring.end)
        return self._end_watching(now)

    def _tick_room(self, room: Room[P], now: int) -> list[Effect[P]]:
        effects: list[Effect[P]] = []
        if room.waiting:
            self._asked += 1
            effects = room.tick(now, self._asked, self._request_ms)
        (self._waiting.add if room.waiting else self._waiting.discard)(room.document)
        return effects

    # --- what the hub must know -----------------------------------------------------

    def seats(self, slot: int) -> tuple[list[Place], list[messages.Seat]]:
        """All positions and seats in a slot, for a roll."""
        self.rolls[slot] += 1
        places: list[Place] = []
        seats: list[messages.Seat] = []
        for room in self._by_slot[slot].values():
            if room.line.known:
                line, at = room.line, room.roster.at if room.roster else (0, -1)
                places.append(Place(room.document, line.epoch, line.seq, *at, line.reached))
            seats += [seat.told(room.document) for seat in room.seats.values()]
        return places, seats

    def watched(self) -> list[str]:
        """The collections whose lists somebody looks at here, or did lately."""
        return [collection.name for collection in self._watched]

    # --- collections ----------------------------------------------------------------

    def look(self, name: str, now: int) -> tuple[Collection[P], list[Watching]]:
        """Watch a collection for a while without a socket at its list."""
        return self._watched.look(name, now)

    def _end_watching(self, now: int) -> list[Effect[P]]:
        over = self._watched.end(now)
        for name in over:
            for document in [d for d in self._empty if ids.collection_of(d) == name]:
                self._forget(document)
        return [Watching(name, False) for name in over]

    def _emptied(self, room: Room[P], now: int) -> list[Effect[P]]:
        """The last seat is gone: forget the room, or keep its position for the list."""
        name = ids.collection_of(room.document)
        if room.members is not None:
            self._forget(room.document)
            self._watched.release(name, now)
            return self._end_watching(now)
        self._forget(room.document)
        if name in self._watched and room.line.known:
            self._member(room.document).line = room.line
        return []

    def _member(self, document: DocumentId) -> Room[P]:
        if len(self._empty) >= MEMBERS:
            self._forget(next(iter(self._empty)))
        self._empty[document] = None
        return self._put(Room(document, self._fits))

    def _put(self, room: Room[P]) -> Room[P]:
        self._rooms[room.document] = room
        self._by_slot[ids.slot_of(room.document)][room.document] = room
        return room

    def _forget(self, document: DocumentId) -> None:
        self._empty.pop(document, None)
        self._waiting.discard(document)
        self._rooms.pop(document, None)
        self._by_slot[ids.slot_of(document)].pop(document, None)

    def _readers(self, room: Room[P], collection: Collection[P] | None) -> list[P]:
        if collection is None or room.members is not None:
            return []
        return collection.readers(room.document, set(room.peers.values()))
