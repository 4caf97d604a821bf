"""How long one connection waits for answers: some seconds, and not while the broker holds us back.

In an alarm (memory or disk) RabbitMQ reads nothing more from a connection that publishes, says so,
and goes on where it stopped when the alarm is over. Who gave up and came again would meet the same
alarm, and have lost what it had; so time stands still.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import structlog

log = structlog.get_logger(__name__)

BLOCKED: Final = "_Connection__handle_connection_blocked"
UNBLOCKED: Final = "_Connection__handle_connection_unblocked"
"""aiormq's own, which also stop and start its writer. It tells nobody else."""


class _Blocked(Protocol):
    reason: str


class Patience:
    """Of one connection.

    Attributes:
        seconds: An answer may take.
        held: Why the broker takes nothing from us now; empty if it does.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.held = ""
        self._limits: set[asyncio.Timeout] = set()

    def mind(self, amqp: object) -> None:
        """Hear what the broker says on this connection of aiormq's."""
        self._before(amqp, BLOCKED, lambda frame: self.hold(frame.reason or "an alarm"))
        self._before(amqp, UNBLOCKED, lambda frame: self.release())

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Raises:
        TimeoutError: What is done within took too long.
        """
        async with asyncio.timeout(None if self.held else self.seconds) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    def hold(self, why: str) -> None:
        """Time stands still."""
        if not self.held:
            log.warning("the broker is in an alarm and takes nothing", why=why)
        self.held = why
        self._reschedule(None)

    def release(self) -> None:
        """Time goes on, from the beginning."""
        if self.held:
            log.info("the broker takes what we say again")
        self.held = ""
        self._reschedule(asyncio.get_running_loop().time() + self.seconds)

    def _reschedule(self, due: float | None) -> None:
        for limit in self._limits:
            if not limit.expired():  # This moment: whoever waited has not run yet.
                limit.reschedule(due)

    def _before(self, amqp: object, name: str, tell: Callable[[Any], None]) -> None:
        handle: Callable[[_Blocked], Awaitable[None]] = getattr(amqp, name)

        async def both(frame: _Blocked) -> None:
            tell(frame)
            await handle(frame)

        setattr(amqp, name, both)
