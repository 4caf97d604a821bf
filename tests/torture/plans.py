"""What a writer does in one transaction, drawn from its dice. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

KEYS: Final = range(1, 41)
KINDS: Final = {"update": 8, "update many": 3, "upsert": 3, "insert": 2, "copy": 2, "delete": 3}
"""Which statements, and how often beside the others."""
ENDINGS: Final = {
    "commit": 62,
    "roll back": 12,
    "commit prepared": 9,
    "roll back prepared": 5,
    "linger": 8,
    "linger prepared": 4,
}
ISOLATION: Final = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
LINGERS_S: Final = 2.5


@dataclass(frozen=True)
class Step:
    """One statement. ``undone``: in a savepoint that is rolled back."""

    kind: str
    keys: tuple[int, ...]
    undone: bool


@dataclass(frozen=True)
class Plan:
    """One transaction.

    Attributes:
        flushed: Whether its COMMIT waits for the disk (``synchronous_commit``).
        ending: One of ``ENDINGS``; who lingers stays idle in the transaction for ``pause``.
        pause: Seconds.
    """

    isolation: str
    flushed: bool
    steps: tuple[Step, ...]
    ending: str
    pause: float


def draw(dice: random.Random, flushed: float) -> Plan:
    """The next transaction. Keys come in any order, so that deadlocks happen.

    Args:
        flushed: How many of all commits wait for the disk, 0 to 1.
    """
    return Plan(
        isolation=dice.choice(ISOLATION),
        flushed=dice.random() < flushed,
        steps=tuple(_step(dice) for _ in range(dice.choice((1, 1, 2, 3, 4)))),
        ending=_one(ENDINGS, dice),
        pause=dice.random() * LINGERS_S,
    )


def _step(dice: random.Random) -> Step:
    kind = _one(KINDS, dice)
    many = dice.randint(2, 5) if kind in ("update many", "copy") else 1
    return Step(kind, tuple(dice.sample(KEYS, many)), dice.random() < 0.2)


def _one(weights: dict[str, int], dice: random.Random) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]
