"""When to ask the owner for a document, and for what. Pure.

At most one question is open for a document. It is repeated while unanswered: an owner may be gone,
and the answer of the next one is as good.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.effects import Ask
from schemas.ids import DocumentId, epoch_age
from schemas.presence import Position

REPEAT_MS: Final = 2_000


class Asking:
    """The question of one document. ``number`` and ``since`` are those of the last one asked."""

    __slots__ = ("at", "number", "since")

    def __init__(self) -> None:
        self.at: int | None = None
        """When to ask (again), Unix milliseconds; ``None``: nothing to ask."""
        self.number = 0
        self.since: Position | None = None

    def by(self, at: int) -> None:
        """Ask at this time, unless that is due earlier anyway."""
        self.at = at if self.at is None else min(self.at, at)

    def put(self, document: DocumentId, number: int, since: Position | None, now: int) -> Ask:
        """Ask now. The same question keeps its number when it is repeated."""
        if self.number == 0 or since != self.since:
            self.number = number
        self.since = since
        self.at = now + REPEAT_MS
        return Ask(document, self.number, since)

    def answered(self) -> None:
        """Nothing is open any more."""
        self.at = None
        self.number = 0


def earliest(places: Iterable[Position | None]) -> Position | None:
    """Since when to ask, so that the answer serves as many as it can: the newest epoch's first."""
    known = [place for place in places if place is not None]
    if not known:
        return None
    newest = max(epoch_age(place.epoch) for place in known)
    return min(
        (place for place in known if epoch_age(place.epoch) == newest), key=lambda place: place.seq
    )


def serves(asked: Position | None, since: Position | None) -> bool:
    """Whether the answer to a question since ``asked`` says all there is to say to ``since``."""
    if asked is None or since is None:
        return since is None
    if asked.epoch == since.epoch:
        return asked.seq <= since.seq
    return epoch_age(asked.epoch) > epoch_age(since.epoch)
