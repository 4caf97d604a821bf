"""Who should work on which shard, and who stands by. Pure: the same answer at every worker.

Rendezvous hashing with quotas: each worker gets ⌊16/W⌋ or ⌈16/W⌉ slots, and when one comes or goes
few others move. A slot's *next* is whoever would own it were its owner gone, so the broker fails
over at once to the very worker that the table will name. Nothing here has to be agreed upon to be
safe: the broker lets one consumer work, and the log decides who may write.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from schemas.ids import SLOTS


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the table names for one slot. A worker alone has nobody ``next``."""

    owner: str
    next: str | None


def table(workers: Collection[str]) -> tuple[Named, ...]:
    """Owner and next of each slot, by slot.

    Args:
        workers: Everybody alive, at least one.
    """
    return _table(frozenset(workers))


@lru_cache(maxsize=64)
def _table(workers: frozenset[str]) -> tuple[Named, ...]:
    owners = _owners(workers)
    if len(workers) == 1:
        return tuple(Named(owner, None) for owner in owners)
    without = {owner: _owners(workers - {owner}) for owner in set(owners)}
    return tuple(Named(owner, without[owner][slot]) for slot, owner in enumerate(owners))


def _owners(workers: frozenset[str]) -> list[str]:
    """By slot. The pairs that fit best first, as long as the worker has room."""
    least, extra = divmod(SLOTS, len(workers))
    pairs = sorted(
        (_weight(slot, worker), slot, worker) for slot in range(SLOTS) for worker in workers
    )
    owners: dict[int, str] = {}
    held = dict.fromkeys(workers, 0)
    for _, slot, worker in pairs:
        if slot in owners or held[worker] > least or (held[worker] == least and not extra):
            continue
        extra -= held[worker] == least
        held[worker] += 1
        owners[slot] = worker
    return [owners[slot] for slot in range(SLOTS)]


@lru_cache(maxsize=4096)
def _weight(slot: int, worker: str) -> bytes:
    return blake2b(b"%d:%b" % (slot, worker.encode()), digest_size=8).digest()
