"""Which events were numbered already. Pure.

A repeat of (document, source, id) is the same event and is not numbered again; another body under
the same id is a mistake of its producer and must not be lost in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from schemas.events import Event
from schemas.log import Numbered

REMEMBERED: Final = 8_192
"""Ids per shard. At least twice what a relay publishes before it moves its cursor (2,000), so that
a relay killed between the two repeats nothing we do not recognise, with room for other sources."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """An event that has its number."""

    epoch: str
    seq: int
    digest: bytes


class Window:
    """The last ``REMEMBERED`` ids of one shard; the oldest go first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: dict[Key, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, document: str, source: str, id: str) -> Known | None:
        """The event of this name, if it was numbered lately."""
        return self._known.get((document, source, id))

    def remember(self, fact: Numbered) -> None:
        """Keep the name of an event that got its number."""
        known = self._known
        known[fact.document, fact.source, fact.id] = Known(fact.epoch, fact.seq, fact.digest)
        if len(known) > self._size:
            del known[next(iter(known))]

    def recall(self, older: Window) -> None:
        """Put older names before ours; the oldest of them go."""
        room = self._size - len(self._known)
        if room <= 0:
            return
        names = [name for name in older._known if name not in self._known]
        kept = {name: older._known[name] for name in names[-room:]}
        self._known = kept | self._known

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Window) and list(self._known.items()) == list(other._known.items())

    __hash__ = None  # type: ignore[assignment]


def digest(event: Event) -> bytes:
    """Eight bytes of what the event says: its type and data. When and through which connection it
    was said may differ between an event and its repeat."""
    return blake2b(b"%b\0%b" % (event.type.encode(), event.data), digest_size=8).digest()


def sender(event: Event, *, from_browser: bool) -> str:
    """Whose ids these are.

    A browser repeats its event after a reconnect under the same id, and its source has another
    connection in it then. So what counts is the user, whom the gateway has stamped.
    """
    return f"/user/{event.actor}" if from_browser and event.actor else event.source
