"""What a process says while the broker or the database is away: at once, then now and then. Pure.

A retry comes every few seconds; a line for each of them would bury all else in the log, and one
line at the beginning is gone from the screen when somebody looks.
"""

from __future__ import annotations

from typing import Final

from broker.errors import BrokerUnavailable

REPEAT: Final = 30.0
"""Seconds until the same is said again."""


class Complaints:
    """What was said lately."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def due(self, what: str, now: float) -> bool:
        """Whether to say it; asking is saying.

        Args:
            now: Seconds, of any clock that never goes back.
        """
        self._said = {said: at for said, at in self._said.items() if now - at < REPEAT}
        if what in self._said:
            return False
        self._said[what] = now
        return True


def refused(why: str) -> str:
    """What to look at, if it is our name, password or vhost that the broker will not have."""
    if "ACCESS_REFUSED" in why:
        return "user and password of PRESENTLY_AMQP_URL"
    if "vhost" in why:
        return "the vhost of PRESENTLY_AMQP_URL, and its user's right to it"
    return ""


def unreachable(error: BrokerUnavailable) -> BrokerUnavailable:
    """The same, of somebody who could not connect, with what to do about it."""
    do = refused(error.why) or "is it running? host and port of PRESENTLY_AMQP_URL"
    return BrokerUnavailable(f"{error.why} ({do})")
