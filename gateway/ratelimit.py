"""How many frames a socket may send: a token bucket. Pure.

The burst lets a dashboard join its 200 documents at once.
"""

from __future__ import annotations


class Bucket:
    """``burst`` tokens at first, ``rate`` new ones a second."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: int, burst: int, now: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: int) -> int:
        """Take a token: 0, or the milliseconds until there is one. A clock set back gives none."""
        passed = max(now - self._at, 0)
        self._at = now
        self._tokens = min(self._tokens + passed * self._rate / 1000, self._burst)
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, round((1 - self._tokens) * 1000 / self._rate))
