"""Who leaves when, so that a gateway's browsers do not all come back elsewhere at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

COHORTS: Final = 20
"""Parts of the window. Of a thousand sockets fifty leave in each, at moments of their own."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cohort(Generic[T]):
    """Some sockets, and their part of the window: milliseconds since it began.

    A browser chooses its moment in between; who has not gone by ``until_ms`` is closed.
    """

    sockets: Sequence[T]
    from_ms: int
    until_ms: int


def cohorts(sockets: Sequence[T], window_ms: int) -> list[Cohort[T]]:
    """Every socket in one cohort, all of one size (give or take one), their parts side by side."""
    count = min(COHORTS, len(sockets))
    return [
        Cohort(sockets[n::count], window_ms * n // count, window_ms * (n + 1) // count)
        for n in range(count)
    ]
