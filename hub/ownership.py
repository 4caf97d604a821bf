"""Which worker works on which shard. Pure.

A worker consumes the shards its policy names; of those who consume a shard the broker lets one
work, and the next one when that goes. So a policy decides who stands by, and never has to agree
with anybody to be safe: the log decides who may write.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from schemas.ids import SLOTS, Slot


class Ownership(Protocol):
    """A policy."""

    def slots(self, worker: str, workers: Collection[str]) -> frozenset[Slot]:
        """The slots ``worker`` should consume, as owner or as the one who would be next.

        Args:
            workers: Everybody alive, itself included. Asked again whenever that changes; slots it
                no longer names are handed over.
        """
        ...


class Everything:
    """Every worker consumes all shards: the first works, the others stand by."""

    def slots(self, worker: str, workers: Collection[str]) -> frozenset[Slot]:
        """All of them."""
        return frozenset(Slot(slot) for slot in range(SLOTS))
