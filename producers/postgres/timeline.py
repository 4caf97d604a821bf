"""Whether the relay's cursor still counts in the history it was kept in. Pure.

What was published and what the database holds part company when it is restored to an earlier
moment, fails over to a stand-by that had less, is dumped and loaded elsewhere, or gives ids again.
Nobody can then say what readers have missed: all is to be loaded anew (``presently.resync``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What a database's numbers count in.

    Attributes:
        cluster: PostgreSQL's system identifier: made by initdb, and so by pg_upgrade.
        database: Its object id: a copy, or a dump that was loaded, has another one.
        timeline: Grows with each recovery to a point in time and each promotion.
    """

    cluster: str
    database: int
    timeline: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a relay knows the cursor of an epoch to have been, for certain and on disk."""

    epoch: str
    transaction: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a relay finds when it takes the cursor over.

    Attributes:
        place: Where it is now. ``before``: where the cursor was kept; ``None`` if nobody looked.
        reached: What the cursor says it has come to.
        next_transaction: What the server will number its next transaction.
        newest_id: The highest id given out. ``known_id``: no higher one was given when the cursor
            was last moved.
    """

    place: Place
    before: Place | None
    reached: Reached
    next_transaction: int
    newest_id: int
    known_id: int


def broken(found: Found, remembered: Reached | None) -> str:
    """Why the cursor cannot be gone on from, in words; ``""`` if it can.

    Args:
        remembered: What this process has seen of the cursor before, if anything.
    """
    here, before, reached = found.place, found.before, found.reached
    if before is not None:
        if here.cluster != before.cluster:
            return f"another server (system identifier {before.cluster}, now {here.cluster})"
        if here.database != before.database:
            return f"a copy of the database (object id {before.database}, now {here.database})"
        if here.timeline != before.timeline:
            return f"recovered or failed over (timeline {before.timeline}, now {here.timeline})"
    if reached.transaction > found.next_transaction:
        return f"transactions went back (from {reached.transaction} to {found.next_transaction})"
    if found.newest_id < found.known_id:
        return f"ids of the outbox went back (from {found.known_id} to {found.newest_id})"
    if (
        remembered is not None
        and remembered.epoch == reached.epoch
        and reached.transaction < remembered.transaction
    ):
        was, now = remembered.transaction, reached.transaction
        return f"restored to an earlier moment (transaction {was}, now {now})"
    return ""
