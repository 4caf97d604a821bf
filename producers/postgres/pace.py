"""How much each shard may be handed, so that none holds more than half a second of work. Pure.

The outbox is the buffer: while rows wait there, a join that somebody does now passes them. We count
what we send to a shard; when that may be too much we look at its queue's depth, and what became of
the messages since the last look tells how fast it is served.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WORK_MS: Final = 500
"""How much work a shard may hold, in time."""
LEAST: Final = 256
"""A shard may always be handed this much: one prefetch (``limits.PREFETCH``), so that a slow
estimate never starves a fast worker."""


@dataclass(slots=True)
class _Shard:
    depth: int = 0  # at the last look
    sent: int = 0  # since then
    looked_ms: float | None = None
    per_ms: float = 0.0  # served


class Pace:
    """What all shards may be handed. Times in milliseconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._shards: dict[int, _Shard] = {}

    def room(self, slot: int) -> int:
        """Messages that ``slot`` may still be handed before somebody looks again."""
        shard = self._shards.get(slot, _Shard())
        return max(0, max(LEAST, int(shard.per_ms * WORK_MS)) - shard.depth - shard.sent)

    def fits(self, slots: Sequence[int]) -> int:
        """How many of these messages, from the first on, may be sent now."""
        counted: Counter[int] = Counter()
        for place, slot in enumerate(slots):
            counted[slot] += 1
            if counted[slot] > self.room(slot):
                return place
        return len(slots)

    def sent(self, slots: Sequence[int]) -> None:
        """These were sent."""
        for slot in slots:
            self._shards.setdefault(slot, _Shard()).sent += 1

    def looked(self, slot: int, depth: int, *, now_ms: float) -> None:
        """The shard's queue holds ``depth`` messages now."""
        shard = self._shards.setdefault(slot, _Shard())
        if shard.looked_ms is not None and now_ms > shard.looked_ms:
            served = max(0, shard.depth + shard.sent - depth) / (now_ms - shard.looked_ms)
            if depth:  # it was busy all the time, so that is what it can do
                shard.per_ms = (shard.per_ms + served) / 2 if shard.per_ms else served
            else:  # it may have been idle for a part
                shard.per_ms = max(shard.per_ms, served)
        shard.depth, shard.sent, shard.looked_ms = depth, 0, now_ms
