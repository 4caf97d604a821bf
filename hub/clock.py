"""A clock that nobody sets."""

from __future__ import annotations

import time


class SteadyClock:
    """Unix seconds, as the machine had them when it was made, and steady from then on.

    Whoever sets the machine's clock back must not stop presence for as long.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return self._offset + time.monotonic()
