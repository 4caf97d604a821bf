"""Takes what arrives in the sixteen shards and throws it away: a hub that costs next to nothing.

    python -m bench.drain AMQP-URL

It stands for hubs on other machines, so that a relay is measured and not they. It reads bytes and
does not look at them, which a client library cannot; a parsing one in Python costs four times what
the relay does. Prints a line when it is ready; ends with its process.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

from pamqp import commands, frame
from pamqp.base import Frame
from pamqp.header import ProtocolHeader

from schemas import topology
from schemas.ids import SLOTS

CHUNK = 1024 * 1024


class Wire:
    """A socket that speaks just enough AMQP to begin."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self._buffer = b""

    def say(self, said: Frame, channel: int = 0) -> None:
        """Send a frame."""
        self.socket.sendall(frame.marshal(said, channel))

    def hear(self) -> object:
        """The next one."""
        while True:
            try:
                used, _, heard = frame.unmarshal(self._buffer)
            except Exception:  # It is not whole yet.
                used = 0
            if used:
                self._buffer = self._buffer[used:]
                return heard
            self._buffer += self.socket.recv(CHUNK)


def drain(url: str) -> None:
    """Until killed."""
    at = urlsplit(url)
    wire = Wire(at.hostname or "127.0.0.1", at.port or 5672)
    wire.socket.sendall(ProtocolHeader(0, 9, 1).marshal())
    wire.hear()
    wire.say(commands.Connection.StartOk({}, "PLAIN", f"\0{at.username}\0{at.password}", "en_US"))
    tune = wire.hear()
    assert isinstance(tune, commands.Connection.Tune)
    wire.say(commands.Connection.TuneOk(tune.channel_max, tune.frame_max, 0))
    wire.say(commands.Connection.Open(unquote(at.path[1:]) or "/"))
    wire.hear()
    wire.say(commands.Channel.Open(), 1)
    wire.hear()
    for slot in range(SLOTS):
        queue = topology.shard_queue(slot)
        wire.say(commands.Basic.Consume(0, queue, f"drain {slot}", False, True, False, False), 1)
        wire.hear()
    print("ready", flush=True)
    while wire.socket.recv(CHUNK):
        pass


@contextlib.asynccontextmanager
async def draining(url: str) -> AsyncIterator[int]:
    """Have it run, as a process of its own; its process id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.drain", url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process.pid
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    drain(sys.argv[1])
