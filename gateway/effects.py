"""What the rooms want done. Plain facts; ``switchboard`` does them.

``P`` is whatever stands for a socket: the rooms only keep it and hand it back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId
from schemas.presence import Position

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Deliver(Generic[P]):
    """Send ``frame`` to each of these sockets.

    Attributes:
        whole_of: The frame is a change of this document's presence or summary: a socket that has
            no room for it may be told the whole later instead.
    """

    to: Collection[P]
    frame: bytes
    whole_of: DocumentId | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the owner for the document as it is, and for what came after ``since``."""

    document: DocumentId
    number: int
    since: Position | None


@dataclass(frozen=True, slots=True)
class Watching:
    """Tell the owners that we watch a collection, or no longer. ``slot``: only that one's."""

    collection: str
    on: bool
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A join that gets no ``joined``: nobody answered in time, or its seat was given up before.

    Attributes:
        seated: It keeps its seat: it had one before, or has asked again since.
        left: The seat was given up.
    """

    connection: ConnectionId
    document: DocumentId
    id: RequestId | None
    seated: bool
    left: bool = False


Effect = Deliver[P] | Ask | Watching | Unanswered
