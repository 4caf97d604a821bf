"""How long a busy shard waits to have more to do at once. Pure.

The broker is the first to saturate, and every message saved on it is worth more than a line of
Python: one log record and one acknowledgement serve a whole turn. An idle shard never waits.
"""

from __future__ import annotations

from typing import Final

BUSY_MS: Final = 5.0
"""A shard whose last turn ended so lately is busy."""
SHORT_MS: Final = 2.0
LONG_MS: Final = 5.0
"""What measured best at 1,000 and at 2,000 events a second (2 cores, RabbitMQ 3.10)."""
MANY: Final = 8
"""A turn of so many messages shows a load at which the longer wait pays."""


def gather_ms(since_last_turn_ms: float, last_turn_messages: int) -> float:
    """Milliseconds to wait for more before the next turn."""
    if since_last_turn_ms > BUSY_MS or last_turn_messages == 0:
        return 0.0
    return LONG_MS if last_turn_messages >= MANY else SHORT_MS
