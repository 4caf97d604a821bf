"""The proxy does to a line what its words say, and no more."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from tests.support.proxy import Proxy

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def echo() -> AsyncIterator[tuple[Proxy, list[bytes]]]:
    """A proxy before a server that answers each piece with itself, and what that server heard."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                heard.append(data)
                writer.write(data)
            writer.write(b"bye")
            await writer.drain()
        writer.close()

    serving: set[asyncio.Task[None]] = set()

    async def noted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        await serve(reader, writer)

    server = await asyncio.start_server(noted, "127.0.0.1", 0)
    proxy = await Proxy.to(*server.sockets[0].getsockname()[:2])
    try:
        yield proxy, heard
    finally:
        await proxy.close()
        server.close()
        await server.wait_closed()
        if serving:
            await asyncio.wait(serving)


async def said(line: Line, text: bytes) -> bytes:
    """What comes back."""
    reader, writer = line
    writer.write(text)
    return await asyncio.wait_for(reader.readexactly(len(text)), 5)


async def test_it_passes_bytes_both_ways() -> None:
    async with echo() as (proxy, _):
        line = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said(line, b"one") == b"one"
        assert await said(line, b"x" * 300_000) == b"x" * 300_000
        line[1].close()
        await line[1].wait_closed()


async def test_cut_resets_all_and_refuses_until_restored() -> None:
    async with echo() as (proxy, _):
        line = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said(line, b"one") == b"one"
        proxy.cut()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await said(line, b"two")
        again = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await said(again, b"three")
        proxy.restore()
        third = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said(third, b"four") == b"four"
        for each in (line, again, third):
            each[1].close()


async def test_a_stalled_line_holds_everything_and_loses_nothing() -> None:
    async with echo() as (proxy, heard):
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said((reader, writer), b"one") == b"one"
        proxy.stall()
        writer.write(b"two")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(3), 0.2)
        assert heard == [b"one"]
        proxy.restore()
        assert await asyncio.wait_for(reader.readexactly(3), 5) == b"two"
        writer.close()


async def test_a_delay_is_taken_both_ways() -> None:
    async with echo() as (proxy, _):
        line = await asyncio.open_connection("127.0.0.1", proxy.port)
        proxy.delay(0.1)
        began = time.monotonic()
        assert await said(line, b"one") == b"one"
        assert time.monotonic() - began >= 0.2
        proxy.restore()
        line[1].close()


async def test_half_closed_the_server_hears_an_end_and_still_answers() -> None:
    async with echo() as (proxy, heard):
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said((reader, writer), b"one") == b"one"
        proxy.half_close()
        assert await asyncio.wait_for(reader.read(), 5) == b"bye"
        writer.write(b"lost")
        assert heard == [b"one"]
        writer.close()
