"""Whoever answers instead of the broker, or before it is ready: we try again, and nobody dies."""

from __future__ import annotations

import asyncio

import pytest
from pamqp import commands, frame

from broker.amqp import connector
from broker.errors import BrokerUnavailable

ANSWERS = {
    "closes at once": None,
    "closes after our header": b"",
    "speaks another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "wants another version": b"AMQP\x00\x01\x00\x00",
    "ends in the middle of a frame": b"\x01\x00\x00\x00\x00\x01\xff\x00",
    "says welcome and closes": frame.marshal(commands.Connection.Start(), 0),
}


@pytest.mark.parametrize("what", ANSWERS)
async def test_a_handshake_that_ends_early_is_a_broker_that_is_away(what: str) -> None:
    """A node that starts, and a balancer before none, take connections and drop them."""
    answer = ANSWERS[what]
    serving: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        if answer is not None:
            await reader.readexactly(8)
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BrokerUnavailable):
            await connector(f"amqp://guest:guest@127.0.0.1:{port}/", timeout=5)("test")
    await asyncio.wait({task for task in serving if task is not None})
