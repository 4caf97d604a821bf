"""The collections this gateway watches, and how long. Pure.

To begin to watch costs a message to all sixteen shards and their whole parts back, so a list that
its last viewer leaves stays watched for a while: they may only have changed the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic

from gateway.effects import P, Watching
from gateway.summaries import Collection

LOOK_MS: Final = 30_000
"""How long a collection stays watched after somebody was at its list, or asked over HTTP."""
LINGERING: Final = 100
"""Collections that may stay watched with nobody at their lists. Beyond it the oldest end."""


class Watched(Generic[P]):
    """The collections by name. One that somebody is at the list of stays."""

    def __init__(self) -> None:
        self._collections: dict[str, Collection[P]] = {}
        self._until: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._collections

    def __iter__(self) -> Iterator[Collection[P]]:
        return iter(self._collections.values())

    def get(self, name: str) -> Collection[P] | None:
        """The collection of that name, if it is watched."""
        return self._collections.get(name)

    def hold(self, name: str, now: int) -> tuple[Collection[P], list[Watching]]:
        """Somebody comes to the list: watch until ``release``."""
        self._until.pop(name, None)
        return self._watch(name, now)

    def look(self, name: str, now: int) -> tuple[Collection[P], list[Watching]]:
        """Watch for a while without anybody at the list."""
        if name in self._until or name not in self._collections:
            self._linger(name, now)
        return self._watch(name, now)

    def release(self, name: str, now: int) -> None:
        """Nobody is at the list any more."""
        if name in self._collections:
            self._linger(name, now)

    def end(self, now: int) -> list[str]:
        """Those whose time is over; they are forgotten."""
        over = [name for name, until in self._until.items() if until <= now]
        left = [name for name in self._until if name not in over]
        over += left[: max(0, len(left) - LINGERING)]
        for name in over:
            del self._until[name]
            del self._collections[name]
        return over

    def _linger(self, name: str, now: int) -> None:
        self._until.pop(name, None)  # The one left last is the last in order.
        self._until[name] = now + LOOK_MS

    def _watch(self, name: str, now: int) -> tuple[Collection[P], list[Watching]]:
        collection = self._collections.get(name)
        if collection is not None:
            return collection, []
        collection = self._collections[name] = Collection(name, now)
        return collection, [Watching(name, True)]
