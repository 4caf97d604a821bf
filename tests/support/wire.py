"""A wire between a client and a server that a test may cut, or stop without a word."""

import asyncio
from typing import Self


class Wire:
    """Passes bytes between a free local port and ``host:port``. Begin with ``Wire.to``.

    Attributes:
        port: Where clients connect.
    """

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    @classmethod
    async def to(cls, host: str, port: int) -> Self:
        """Lay a wire."""
        wire = cls(host, port)
        wire._server = await asyncio.start_server(wire._pass_on, "127.0.0.1", 0)
        wire.port = wire._server.sockets[0].getsockname()[1]
        return wire

    def cut(self) -> None:
        """End every connection at once, as when a machine dies: resets, no goodbye."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def stop(self) -> None:
        """Pass nothing on any more; connections stay open."""
        self._flowing.clear()

    def go_on(self) -> None:
        """Pass on what was held and what comes."""
        self._flowing.set()

    async def close(self) -> None:
        """Take it away."""
        self._flowing.set()
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    async def _pass_on(self, inward: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, onward = await asyncio.open_connection(*self._target)
        self._writers |= {back, onward}
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(inward, onward))
                tasks.create_task(self._pump(answers, back))
        finally:
            self._writers -= {back, onward}

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            return
        finally:
            sink.close()
