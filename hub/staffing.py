"""For which shards one worker stands in line, and which it hands over. Pure.

The broker activates whoever has stood in line longest, so at rest only a slot's owner and its next
stand there, and the next steps aside while the slot is on its way to its owner. Nobody takes a
shard from anybody: who works on one hands it over when the owner is heard to stand in line for it
and nobody else is. Every rule errs towards one consumer too many: that costs a hand-over, one too
few would cost the shard.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hub.ownership import Named, table
from hub.roster import Roster
from schemas.ids import SLOTS, Slot


class Staffing:
    """One worker's share.

    Args:
        patience_ms: How long a next waits for the owner to stand in line before it does so alone.
    """

    def __init__(self, worker: str, roster: Roster, *, patience_ms: int) -> None:
        self._worker = worker
        self._roster = roster
        self._patience_ms = patience_ms
        self._waiting: dict[Slot, int] = {}

    def slots(
        self, now: int, *, working: Mapping[Slot, int], standing: Collection[Slot]
    ) -> set[Slot]:
        """The slots to stand in line for, or to go on working on.

        Args:
            now: Unix milliseconds.
            working: Those we work on, with our own heartbeats heard back (``Roster.beats``) when
                that began.
            standing: Those we stand in line for.
        """
        names = table(self._roster.hubs)
        wanted: set[Slot] = set()
        for slot in (Slot(number) for number in range(SLOTS)):
            named = names[slot]
            if named.owner == self._worker:
                wants = True
            elif slot in working:
                wants = not self._may_hand_over(slot, named.owner, working[slot])
            elif named.next == self._worker:
                wants = self._stands_by(slot, named, now, stands=slot in standing)
                if not wants:
                    self._waiting.setdefault(slot, now)
                    continue
            else:
                wants = False
            self._waiting.pop(slot, None)
            if wants:
                wanted.add(slot)
        return wanted

    def said(self, standing: Collection[Slot]) -> list[int]:
        """What to tell others of the slots we stand in line for. Whoever knows no gateway yet
        stands by, but takes no shard from one who does: it says nothing of it."""
        return [] if self._roster.young else sorted(standing)

    def _may_hand_over(self, slot: Slot, owner: str, since: int) -> bool:
        """The owner is next in line, as heard after we had begun: what it said before may be of
        its life before a crash."""
        return self._roster.standing(slot) == {owner} and self._roster.beat_of(owner) > since

    def _stands_by(self, slot: Slot, named: Named, now: int, *, stands: bool) -> bool:
        workers = self._roster.working(slot)
        if named.owner in workers:
            return True
        if named.owner in self._roster.standing(slot):
            return not workers
        return stands or now >= self._waiting.get(slot, now) + self._patience_ms
