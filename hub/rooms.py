"""The rooms of one shard, found by document, by gateway and by collection. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hub.presence import Room, Seat
from schemas.ids import DocumentId, collection_of, is_list


class Rooms:
    """Every document of the shard where somebody is seated, or was until a moment ago.

    Attributes:
        dirty: Those with something new to tell.
    """

    def __init__(self) -> None:
        self.dirty: dict[str, Room] = {}
        self._rooms: dict[str, Room] = {}
        self._seated: dict[str, dict[tuple[str, str], None]] = {}
        self._members: dict[str, dict[str, Room]] = {}
        self._order = 0
        self._v = 0

    def __contains__(self, document: object) -> bool:
        return document in self._rooms

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    def get(self, document: str) -> Room | None:
        """The room at ``document``, if there is one."""
        return self._rooms.get(document)

    def put(self, document: str, seat: Seat) -> bool:
        """Take a seat or change it. Returns whether there may be something new to see."""
        room = self._rooms.get(document) or self._open(document)
        old = room.seats.get(seat.connection)
        if old is not None and old.gateway != seat.gateway:
            self._unseat(old.gateway, document, seat.connection)
        self._seated.setdefault(seat.gateway, {})[document, seat.connection] = None
        self._order += 1
        seat.order = self._order
        changed = room.put(seat)
        if changed:
            self.dirty[document] = room
        return changed

    def end(self, document: str, connection: str) -> Seat | None:
        """A seat ends. Returns it, if it was there."""
        room = self._rooms.get(document)
        seat = room.end(connection) if room else None
        if room is not None and seat is not None:
            self._unseat(seat.gateway, document, connection)
            self.dirty[document] = room
        return seat

    @property
    def v(self) -> int:
        """What a room that opens now begins to count from."""
        return self._v

    def of_gateway(self, gateway: str) -> list[tuple[str, str]]:
        """(document, connection) of every seat a gateway has."""
        return list(self._seated.get(gateway, ()))

    def members(self, collection: str) -> Iterator[Room]:
        """The rooms at a collection's documents, its list left out."""
        return iter(self._members.get(collection, {}).values())

    def touch(self, room: Room) -> None:
        """There is something new to tell besides seats."""
        self.dirty[room.document] = room

    def told(self, room: Room) -> None:
        """All was told; a room where nobody is seated is gone now.

        A later room of the same document goes on counting above this one, so that whoever still
        remembers it is not misled.
        """
        self.dirty.pop(room.document, None)
        if not room.seats:
            self._v = max(self._v, room.v)
            del self._rooms[room.document]
            collection = collection_of(DocumentId(room.document))
            members = self._members.get(collection, {})
            members.pop(room.document, None)
            if not members:
                self._members.pop(collection, None)

    def _unseat(self, gateway: str, document: str, connection: str) -> None:
        seated = self._seated[gateway]
        del seated[document, connection]
        if not seated:
            del self._seated[gateway]

    def _open(self, document: str) -> Room:
        room = Room(document, self._v)
        self._rooms[document] = room
        if not is_list(DocumentId(document)):
            collection = collection_of(DocumentId(document))
            self._members.setdefault(collection, {})[document] = room
        return room
