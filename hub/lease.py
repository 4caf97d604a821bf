"""A seat's sole right to edit. Pure.

Grants and ends are facts in the log. The fence only grows; a backend that stores it refuses a late
save of somebody who held the lease before.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.log import Ended, Granted


@dataclass(frozen=True, slots=True)
class Grant:
    """The seat gets it. ``taken``: what the same user's other tab held until now."""

    granted: Granted
    taken: Granted | None


@dataclass(frozen=True, slots=True)
class Held:
    """The seat has it already, under this fence."""

    fence: int


@dataclass(frozen=True, slots=True)
class Locked:
    """Somebody else has it."""

    user: str
    name: str


def request(
    document: str,
    held: Granted | None,
    *,
    connection: str,
    user: str,
    name: str,
    last_fence: int,
    now: int,
) -> Grant | Held | Locked:
    """May this seat have the lease?

    Args:
        held: The lease in force.
        last_fence: The highest ever granted in this shard.
        now: Unix milliseconds: the fence grows even over a log that was lost.
    """
    if held is not None:
        if held.connection == connection:
            return Held(held.fence)
        if held.user != user:
            return Locked(held.user, held.name)
    fence = max(last_fence + 1, now)
    granted = Granted(document=document, connection=connection, user=user, name=name, fence=fence)
    return Grant(granted, held)


def goes_on(held: Granted | None, user: str, fence: int) -> bool:
    """Whether the lease in force is the one that this user's page was granted under ``fence``."""
    return held is not None and (held.user, held.fence) == (user, fence)


def end(held: Granted | None, connection: str, reason: str) -> Ended | None:
    """The end of the lease if this connection holds it."""
    if held is None or held.connection != connection:
        return None
    return Ended(document=held.document, fence=held.fence, reason=reason)
