"""When the owner of a silent shard sends itself a probe. Pure.

Nobody is told that the broker made him the active consumer of a shard. So an owner acknowledges its
last message only when there is another one: whoever is active after it is handed that message, and
knows at once. That message should be nobody's: a shard that falls silent is rung, and what its
owner leaves unacknowledged from then on is a probe.
"""

from __future__ import annotations

from typing import Final

SILENT_MS: Final = 1_000
"""A shard is rung when nothing came for so long."""
AGAIN_MS: Final = 60_000
"""RabbitMQ closes the channel of a consumer that leaves a message unacknowledged for 30 minutes
(``consumer_timeout``), and operators may ask for less."""


class Bell:
    """Of one ownership. Times in Unix milliseconds.

    Attributes:
        due: When to ring, if nothing is heard before.
    """

    def __init__(self, now: int) -> None:
        self.due = now + SILENT_MS

    def heard(self, now: int, *, probe: bool) -> None:
        """Messages came. ``probe``: the last of them is one."""
        self.due = now + (AGAIN_MS if probe else SILENT_MS)

    def rings(self, now: int) -> bool:
        """Whether to send a probe, now."""
        if now < self.due:
            return False
        self.due = now + AGAIN_MS
        return True
