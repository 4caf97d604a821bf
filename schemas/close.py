"""Close codes of the WebSocket. The hundred carries the advice, so that a browser shipped last year
knows what to do with a code invented today.

40xx come back later, with full jitter · 41xx come back at once and resume · 44xx do not come back.
"""

from __future__ import annotations

import enum
from typing import Final


class CloseCode(enum.IntEnum):
    """What the gateway says when it closes a socket."""

    RESTARTING = 4000
    """This gateway is draining."""
    NO_PONG = 4001
    NO_HELLO = 4002
    BROKER_AWAY = 4008
    TOO_MANY_CONNECTIONS = 4009
    """Come back after 30 s or more."""
    RATE = 4029
    """Come back after 10 s or more."""
    TOO_SLOW = 4100
    """The socket did not take its bytes. Everything missed is resumed."""
    BAD_FRAME = 4400
    TOKEN_REFUSED = 4401
    """Ask for a new token once, then stop."""
    KICKED = 4403
    TOO_BIG = 4413
    """Reserved: a frame that is too big is closed with 1009, below us, before it was read."""


STANDARD_RETRY: Final = frozenset({1000, 1001, 1006, 1011, 1012, 1013})
"""Codes of RFC 6455 after which a client comes back with full jitter."""
STANDARD_STOP: Final = frozenset({1002, 1003, 1007, 1009})
"""Codes of RFC 6455 after which a client stops: it would be refused again."""
