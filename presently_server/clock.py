"""What time it is, for every service of a process."""

from __future__ import annotations

import time
from typing import Final

_COUNTS_SLEEP: Final = getattr(time, "CLOCK_BOOTTIME", None)
"""Linux's clock that goes on while the machine sleeps; others have but ``time.monotonic``."""


class SteadyClock:
    """Unix seconds: the machine's time when the process began, and from then on what has passed.

    Deadlines are sums of such times. Whoever sets the machine's clock back by an hour must not stop
    presence for an hour; whoever sets it forward must not make every browser miss its pong.
    """

    def __init__(self) -> None:
        self._began = time.time() - _passed()

    def __call__(self) -> float:
        return self._began + _passed()


def _passed() -> float:
    return time.monotonic() if _COUNTS_SLEEP is None else time.clock_gettime(_COUNTS_SLEEP)
