"""Which messages the broker has confirmed, and how many may be on their way. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW: Final = 1000
"""Messages sent and not confirmed, per channel, before a sender has to wait. RabbitMQ's guide to
publisher confirms advises hundreds: it confirms many at once, after a write to disk."""
WINDOW_BYTES: Final = 8 * 1024 * 1024
"""Their bytes: what a channel may hold in memory while the broker is away."""


class Confirms:
    """The numbers of one channel in confirm mode.

    Attributes:
        sent: Number of the last message sent, 0 for none.
        confirmed: Everything up to this number is the broker's responsibility.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.confirmed = 0
        self._early: set[int] = set()
        self._under_way: deque[tuple[int, int]] = deque()
        self._bytes = 0

    def has_room(self) -> bool:
        """Whether more may be sent now."""
        return self.sent - self.confirmed < WINDOW and self._bytes < WINDOW_BYTES

    @property
    def oldest(self) -> int:
        """The number whose confirm makes room next, 0 if nothing is under way."""
        return self._under_way[0][0] if self._under_way else 0

    def send(self, count: int, size: int) -> int:
        """Note that messages of together ``size`` bytes were sent; return the last one's number."""
        self.sent += count
        self._bytes += size
        self._under_way.append((self.sent, size))
        return self.sent

    def confirm(self, number: int, *, multiple: bool) -> None:
        """The broker confirms one message, or all up to it. They come in any order."""
        if multiple:
            self.confirmed = max(self.confirmed, number)
        elif number > self.confirmed:
            self._early.add(number)
        while self.confirmed + 1 in self._early:
            self.confirmed += 1
            self._early.discard(self.confirmed)
        if multiple and self._early:
            self._early = {n for n in self._early if n > self.confirmed}
        while self._under_way and self._under_way[0][0] <= self.confirmed:
            self._bytes -= self._under_way.popleft()[1]
