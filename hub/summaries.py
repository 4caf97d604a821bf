"""Collections somebody watches: this shard's part of each, told to the gateways that watch. Pure.

A gateway gets the part as a whole first and then the members that changed, merged per tick and
numbered for it alone; it merges the parts of all shards. What is told of a member is always all of
it, so telling it twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hub.presence import nobody, tick_ms, weight
from hub.rooms import Rooms
from schemas import limits
from schemas.ids import DocumentId, collection_of, is_list
from schemas.messages import DocumentNow, Part

PART_BYTES: Final = 1024 * 1024
"""About what one part may take on the bus, well within ``limits.BUS_BYTES``."""


class Summaries:
    """Who watches which collection, and what they have not been told yet."""

    def __init__(self) -> None:
        self._watchers: dict[str, dict[str, int]] = {}
        self._whole: dict[tuple[str, str], None] = {}
        self._nudge: dict[tuple[str, str], None] = {}
        self._changed: dict[str, dict[str, None]] = {}
        self._told_at: dict[str, int] = {}
        self._v = 0

    def watchers(self, collection: str) -> Iterable[str]:
        """The gateways that watch it."""
        return self._watchers.get(collection, ())

    def watch(self, gateway: str, collection: str) -> None:
        """A gateway begins to watch, or missed something: it gets the whole."""
        self._watchers.setdefault(collection, {}).setdefault(gateway, self._v)
        self._whole[collection, gateway] = None

    def unwatch(self, gateway: str, collection: str) -> None:
        """It watches no more."""
        watchers = self._watchers.get(collection, {})
        # Whoever watches again goes on counting above this, and above what is still on its way.
        self._v = max(self._v, watchers.pop(gateway, 0))
        self._whole.pop((collection, gateway), None)
        self._nudge.pop((collection, gateway), None)
        if not watchers:
            self._watchers.pop(collection, None)
            self._changed.pop(collection, None)
            self._told_at.pop(collection, None)

    def replace(self, gateway: str, collections: Sequence[str], *, renew: bool) -> None:
        """The gateway watches these and no others.

        Those it watched before get an empty part, whose number shows whether it missed one; with
        ``renew`` (it lost its queue) they get the whole.
        """
        wanted = set(collections)
        watched = {name for name, watchers in self._watchers.items() if gateway in watchers}
        for name in watched - wanted:
            self.unwatch(gateway, name)
        for name in collections:
            if renew or name not in watched:
                self.watch(gateway, name)
            else:
                self._nudge[name, gateway] = None

    def forget(self, gateway: str) -> None:
        """The gateway is lost."""
        self.replace(gateway, (), renew=False)

    def renew(self) -> None:
        """Everybody gets the whole."""
        for collection, watchers in self._watchers.items():
            self._whole.update(dict.fromkeys((collection, gateway) for gateway in watchers))

    def touch(self, document: str) -> None:
        """Something to see changed at a document."""
        collection = collection_of(DocumentId(document))
        if collection in self._watchers and not is_list(DocumentId(document)):
            self._changed.setdefault(collection, {})[document] = None

    def due(self, now: int) -> int | None:
        """When ``parts`` has something to tell: Unix milliseconds, ``None`` if nothing."""
        if self._whole or self._nudge:
            return now
        return min((self._due(collection) for collection in self._changed), default=None)

    def parts(self, now: int, rooms: Rooms, *, complete: bool) -> Iterator[tuple[str, Part]]:
        """What is to be told now, with the gateway it is for.

        Args:
            complete: Every gateway has told its seats to this owner.
        """
        whole, self._whole = self._whole, {}
        built: dict[str, tuple[list[DocumentNow], bool]] = {}
        for collection, gateway in whole:
            if collection not in built:
                built[collection] = _cut([room.summary() for room in rooms.members(collection)])
            documents, everything = built[collection]
            done = complete and everything
            yield gateway, self._part(collection, gateway, documents, full=True, complete=done)
        nudged, self._nudge = self._nudge, {}
        for collection, gateway in nudged:
            if (collection, gateway) not in whole:
                yield gateway, self._part(collection, gateway, [], complete=complete)
        for collection in [name for name in self._changed if self._due(name) <= now]:
            changed = [_now(rooms, document) for document in self._changed.pop(collection)]
            self._told_at[collection] = now
            for some in _chunks(changed):
                for gateway in self._watchers[collection]:
                    yield gateway, self._part(collection, gateway, some, complete=complete)

    def _part(
        self,
        collection: str,
        gateway: str,
        documents: list[DocumentNow],
        *,
        complete: bool,
        full: bool = False,
    ) -> Part:
        watchers = self._watchers[collection]
        watchers[gateway] += 1
        return Part(
            collection=collection,
            v=watchers[gateway],
            full=full,
            complete=complete,
            documents=documents,
        )

    def _due(self, collection: str) -> int:
        return self._told_at.get(collection, 0) + tick_ms(len(self._changed[collection]))


def _now(rooms: Rooms, document: str) -> DocumentNow:
    room = rooms.get(document)
    return room.summary() if room else nobody(document)


def _cut(documents: list[DocumentNow]) -> tuple[list[DocumentNow], bool]:
    """As many as a part takes, those somebody edits first, and whether they are all."""
    shown = [document for document in documents if document.reading or document.editing]
    shown.sort(key=lambda document: not document.editing)
    first = next(_chunks(shown), [])
    return first, len(first) == len(shown)


def _chunks(documents: Iterable[DocumentNow]) -> Iterator[list[DocumentNow]]:
    """In order, in lists within ``limits.SUMMARY_DOCUMENTS`` and ``PART_BYTES``."""
    some: list[DocumentNow] = []
    size = 0
    for document in documents:
        more = len(document.document) + 40 + weight(document.users)
        if some and (size + more > PART_BYTES or len(some) == limits.SUMMARY_DOCUMENTS):
            yield some
            some, size = [], 0
        some.append(document)
        size += more
    if some:
        yield some
