"""What passes between the outbox, the envelope and the relay. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One event as its writer wrote it. ``data`` is JSON text."""

    id: int
    at: datetime
    document: str
    type: str
    actor: str | None
    data: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the relay has come, as persisted.

    Attributes:
        seen: S1, a ``pg_snapshot`` as text: all that is visible in it is published.
        batch: S2, while a batch is published in part.
        last_id: Published of that batch: up to here. 0 without one.
    """

    seen: str
    batch: str | None
    last_id: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What names this outbox in its events.

    Attributes:
        epoch: 8 hexadecimal digits, new when ids might be given twice.
        cluster: PostgreSQL's system identifier.
    """

    epoch: str
    cluster: str
    database: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a batch, in order. After them the cursor may be moved to ``then``."""

    rows: list[Row]
    then: Cursor


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows that wait, counted up to ``COUNTED``, and the age of the oldest of them."""

    rows: int
    lag_ms: int
