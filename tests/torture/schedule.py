"""Blows drawn from a seed: which, to whom and when. The same seed, the same blows. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

PROCESSES: Final = 4
"""Of writers."""
RELAYS: Final = 2
KINDS: Final[dict[str, tuple[int, int]]] = {
    "kill a relay": (RELAYS, 5),
    "kill writers": (PROCESSES, 5),
    "end a session": (16, 5),
    "kill a session's backend": (16, 3),
    "stop PostgreSQL at once": (1, 2),
    "restart PostgreSQL": (1, 1),
}
"""How many victims there are to choose from, and how often beside the others. A backend that is
killed (-9) makes the server end all its others and recover from its log, as if stopped at once."""
EVERY_S: Final = 1.2
"""Between two, on average."""


@dataclass(frozen=True)
class Blow:
    """One of them, so many seconds from the beginning."""

    at: float
    kind: str
    victim: int

    def __str__(self) -> str:
        return f"{self.at:6.1f} s: {self.kind} ({self.victim})"


def schedule(seed: int, seconds: float) -> list[Blow]:
    """What a seed means."""
    dice = random.Random(f"{seed} blows")
    blows: list[Blow] = []
    at = 1 + dice.expovariate(1 / EVERY_S)
    while at < seconds:
        (kind,) = dice.choices(list(KINDS), [often for _, often in KINDS.values()])
        blows.append(Blow(at, kind, dice.randrange(KINDS[kind][0])))
        at += dice.expovariate(1 / EVERY_S)
    return blows
