"""How long to wait before trying again. Pure: luck is an argument."""

from __future__ import annotations

from typing import Final

FIRST: Final = 0.1
"""Seconds: the longest first pause."""
LONGEST: Final = 5.0
"""Seconds: no pause is longer, so that nobody is away much longer than the broker was."""


def pause(attempt: int, luck: float) -> float:
    """Seconds before attempt number ``attempt`` (0 is the first repeat).

    Full jitter: anything from nothing to a limit that doubles, so that those who lost the broker
    together do not come back together.

    Args:
        attempt: How many repeats there were already, at least 0.
        luck: A random number, 0 ≤ luck < 1.
    """
    return luck * min(LONGEST, FIRST * 2.0 ** min(attempt, 16))
