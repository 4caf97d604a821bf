"""How much each shard may be handed, so that what people do now need not wait for long. Pure.

The outbox is the buffer: while rows wait there, a join that somebody does now passes them. A
queue's depth does not show what its worker has in hand, up to a whole prefetch, which it takes and
acknowledges in one turn; so neither a depth nor the difference of two says how much is ahead, or
how fast it is done. Instead we believe in a rate for each shard, count what we hand over against
it, and let it grow while nothing waits. A queue that does not get empty says that its worker's
hands are full: then all that is ahead is known, and so is what was done since the last time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas import limits

WORK_MS: Final = 250
"""How much work a shard is handed ahead, in time."""
FIRST: Final = 0.1
"""Messages a ms, for a shard of which nothing is known. Sixteen of them make 1,600 a second."""
LEAST: Final = limits.PREFETCH // 2
"""Messages that a shard may have before anybody looked at it."""
DOUBLES_MS: Final = 500
"""Below what a shard is known to do the rate doubles in this time."""
SHARE: Final = 0.95
"""Of what a worker did with full hands: to this the rate goes back, and stays for a while."""
STAYS_MS: Final = 15_000
TRIES: Final = 1.05
"""Then it grows by so much a second, to see whether there is more."""
MEASURED_MS: Final = 1_000
"""With full hands: over less time a turn would count for too much."""
NEVER: Final = float("-inf")
SOME: Final = limits.PREFETCH // 8
"""Messages; who did fewer in ``BUSY_MS`` stands still."""
BUSY_MS: Final = 5_000
"""Who was not looked at for so long had nothing to do, and what it does is measured anew."""


@dataclass(slots=True)
class _Shard:
    rate: float = FIRST
    most: float = float("inf")  # that it did with full hands
    most_ms: float = 0.0  # when that was
    ahead: float = 0.0  # handed over and, at that rate, not done
    at_ms: float = 0.0
    looked_ms: float = NEVER
    waiting: bool = False  # at the last look
    since_ms: float = 0.0  # what follows is counted from here
    before: float = 0.0  # ahead then
    sent: int = 0

    def pass_to(self, now_ms: float) -> None:
        """It has worked until now."""
        if self.looked_ms > NEVER:
            self.ahead = max(0.0, self.ahead - self.rate * max(0.0, now_ms - self.at_ms))
        self.at_ms = now_ms

    def begin(self, now_ms: float) -> None:
        """Count from now on."""
        self.since_ms, self.before, self.sent = now_ms, self.ahead, 0

    def measure(self, now_ms: float) -> None:
        """What it did since then; what is ahead is known for certain now."""
        passed, done = now_ms - self.since_ms, self.before + self.sent - self.ahead
        if passed < (MEASURED_MS if done >= SOME else BUSY_MS):
            return
        self.begin(now_ms)
        if done >= SOME:  # Else it stands still, and will be as quick as before.
            self.most, self.most_ms = max(done / passed, self.rate / 2), now_ms
            self.rate = self.most * SHARE


class Pace:
    """What all shards may be handed. Times in milliseconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._shards: dict[int, _Shard] = {}
        self._now_ms = 0.0

    def room(self, slot: int) -> int:
        """Messages that ``slot`` may still be handed before somebody looks again."""
        shard = self._shards.get(slot, _Shard())
        shard.pass_to(self._now_ms)
        if shard.looked_ms == NEVER:
            return max(0, LEAST - shard.sent)
        return max(0, int(shard.rate * WORK_MS - shard.ahead))

    def fits(self, slots: Sequence[int]) -> int:
        """How many of these messages, from the first on, may be sent now."""
        counted: Counter[int] = Counter()
        rooms: dict[int, int] = {}
        for place, slot in enumerate(slots):
            counted[slot] += 1
            if slot not in rooms:
                rooms[slot] = self.room(slot)
            if counted[slot] > rooms[slot]:
                return place
        return len(slots)

    def sent(self, slots: Sequence[int]) -> None:
        """These were sent."""
        for slot in slots:
            shard = self._shards.setdefault(slot, _Shard())
            shard.ahead += 1
            shard.sent += 1

    def looked(self, slot: int, depth: int, *, now_ms: float) -> None:
        """Of the shard's queue, ``depth`` messages are in nobody's hand now."""
        self._now_ms = now_ms
        shard = self._shards.setdefault(slot, _Shard())
        shard.pass_to(now_ms)
        passed, known = now_ms - shard.looked_ms, depth + limits.PREFETCH
        if shard.looked_ms == NEVER:  # What it has in hand is little to whom we do not know.
            shard.ahead = depth
        if passed > BUSY_MS:
            shard.begin(now_ms)
        elif depth and shard.waiting and known > shard.ahead:
            # A message on its way is not there for two looks: its worker's hands are full.
            shard.ahead = known
            shard.measure(now_ms)
        elif not depth or known <= shard.ahead:
            shard.ahead = min(shard.ahead, known)
            _grow(shard, passed, now_ms)
            if now_ms - shard.since_ms > 2 * MEASURED_MS:
                shard.begin(now_ms)
        shard.waiting, shard.looked_ms = depth > 0, now_ms


def _grow(shard: _Shard, passed: float, now_ms: float) -> None:
    if shard.rate < shard.most * SHARE:
        shard.rate = min(shard.rate * 2 ** (passed / DOUBLES_MS), shard.most * SHARE)
    elif now_ms - shard.most_ms > STAYS_MS:
        shard.rate *= TRIES ** (passed / 1000)
