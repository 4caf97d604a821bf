"""A TCP proxy on loopback whose line a test may cut, stall, delay or half-close, and restore.

    proxy = await Proxy.to("127.0.0.1", 5672)
    ...  # a process connects to 127.0.0.1:{proxy.port}
    proxy.stall()
    proxy.restore()

A stalled line is what a lost machine or a dead switch looks like: nothing ends, nothing comes.
"Inward" is towards whoever connected to us, "onward" towards the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from typing import Any, Self

CHUNK = 65536
GREETING = 4096


class Proxy:
    """Passes bytes between a free local port and ``host:port``. Begin with ``Proxy.to``.

    Attributes:
        port: Where clients connect.
        accepted: Connections taken so far.
    """

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.accepted = 0
        self._targets = [(host, port)]
        self._server: asyncio.Server | None = None
        self._inward: set[asyncio.StreamWriter] = set()
        self._onward: set[asyncio.StreamWriter] = set()
        self._ended: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self._flows_in, self._flows_on = asyncio.Event(), asyncio.Event()
        self._flows_in.set()
        self._flows_on.set()
        self._lines: set[asyncio.Task[Any]] = set()
        self._refusing = False
        self._delay = 0.0
        self._only = b""

    @classmethod
    async def to(cls, host: str, port: int, *others: tuple[str, int]) -> Self:
        """Listen, and pass on to this address, or to the first of the others that takes it."""
        proxy = cls(host, port)
        proxy._targets += others
        proxy._server = await asyncio.start_server(proxy._pass_on, "127.0.0.1", 0)
        proxy.port = proxy._server.sockets[0].getsockname()[1]
        return proxy

    def cut(self) -> None:
        """Reset every connection, and every new one, until ``restore``."""
        self._refusing = True
        self._abort()

    def stall(self, *, inward: bool = True, onward: bool = True, only: bytes = b"") -> None:
        """Pass nothing on in these directions; connections stay open and new ones are taken.

        Args:
            only: Of connections whose client said this at the beginning, such as its name.
        """
        self._only = only
        if inward:
            self._flows_in.clear()
        if onward:
            self._flows_on.clear()

    def delay(self, seconds: float) -> None:
        """Hold each piece so long, in both directions."""
        self._delay = seconds

    def half_close(self) -> None:
        """End the way to the server on every open connection; its answers still come."""
        for writer in tuple(self._onward):
            self._end(writer)

    def restore(self) -> None:
        """Pass on what was held and what comes, at once. What was cut stays cut."""
        self._refusing = False
        self._delay = 0.0
        self._flow()

    async def close(self) -> None:
        """Take it away."""
        self._refusing = True
        self._flow()
        if self._server is not None:
            self._server.close()
            self._abort()
            await self._server.wait_closed()
            if self._lines:
                await asyncio.wait(self._lines)

    def _abort(self) -> None:
        for writer in (*self._inward, *self._onward):
            writer.transport.abort()

    def _flow(self) -> None:
        self._flows_in.set()
        self._flows_on.set()

    async def _pass_on(self, asks: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        try:
            if self._refusing:
                raise ConnectionRefusedError
            answers, onward = await self._open()
        except OSError:
            back.transport.abort()
            return
        self._inward.add(back)
        self._onward.add(onward)
        try:
            async with asyncio.TaskGroup() as tasks:
                said = bytearray()
                tasks.create_task(self._pump(asks, onward, self._flows_on, said, notes=True))
                tasks.create_task(self._pump(answers, back, self._flows_in, said))
        finally:
            self._inward.discard(back)
            self._onward.discard(onward)
            back.close()
            onward.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for target in self._targets[:-1]:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(*target)
        return await asyncio.open_connection(*self._targets[-1])

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        flowing: asyncio.Event,
        said: bytearray,
        *,
        notes: bool = False,
    ) -> None:
        """Args: said: what the client said first; ``notes``: it is heard here."""
        try:
            while data := await source.read(CHUNK):
                if notes and len(said) < GREETING:
                    said += data[:GREETING]
                if self._delay:
                    await asyncio.sleep(self._delay)
                if self._only in said:
                    await flowing.wait()
                if sink not in self._ended:
                    sink.write(data)
                    await sink.drain()
            if self._only in said:
                await flowing.wait()
            self._end(sink)
        except (OSError, RuntimeError):  # uvloop's word for a line that is closed already.
            sink.transport.abort()

    def _end(self, sink: asyncio.StreamWriter) -> None:
        """Say that nothing more will come; the other direction goes on."""
        if sink not in self._ended and not sink.transport.is_closing():
            self._ended.add(sink)
            sink.write_eof()
