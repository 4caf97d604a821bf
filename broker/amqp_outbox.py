"""What one connection has to write, gathered per loop turn."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiormq.abc import ChannelFrame

_FULL_PAUSE: Final = 0.001


class Outbox:
    """Joins the frames of a loop turn, whichever channel they are from, into one write.

    Writing never waits. What may gather here is bounded by the windows of unconfirmed messages
    (``amqp_confirms``) and by the prefetches.

    Args:
        queue: The connection's own line of frames, which aiormq writes to the socket.
    """

    def __init__(self, queue: asyncio.Queue[Any]) -> None:
        self._queue = queue
        self._due: list[bytes] = []
        self._empty = asyncio.Event()
        self._empty.set()
        self._loop = asyncio.get_running_loop()

    def write(self, frames: bytes) -> None:
        """Have these written, after all that were given before."""
        self._due.append(frames)
        if self._empty.is_set():
            self._empty.clear()
            self._loop.call_soon(self._flush)

    async def flushed(self) -> None:
        """Return when everything given so far is in the connection's line."""
        await self._empty.wait()

    def _flush(self) -> None:
        if self._queue.full():
            self._loop.call_later(_FULL_PAUSE, self._flush)
            return
        self._queue.put_nowait(ChannelFrame(payload=b"".join(self._due), should_close=False))
        self._due.clear()
        self._empty.set()
