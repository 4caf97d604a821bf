"""Whoever answers instead of the broker, or before it is ready: we try again, and nobody dies."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
import uvloop
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
TRIES = 20
"""What closes at once is seen as closed already by most of them, and the library says it in
another way then. Only on uvloop, on which services run."""


@pytest.mark.parametrize("what", ANSWERS)
def test_a_handshake_that_ends_early_is_a_broker_that_is_away(what: str) -> None:
    """A node that starts, and a balancer before none, take connections and drop them."""

    async def dial(port: int) -> None:
        for _ in range(TRIES):
            with pytest.raises(BrokerUnavailable):
                await connector(f"amqp://guest:guest@127.0.0.1:{port}/", timeout=5)("test")

    with answering(ANSWERS[what]) as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as it:
        it.run(dial(port))


@contextlib.contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """The port of somebody who says this, at once or (not None) after eight bytes, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(TRIES):
                connection, _ = server.accept()
                with connection:
                    if answer is not None:
                        connection.recv(8)
                        connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield server.getsockname()[1]
        serving.join(10)
