"""Somebody else's publisher: it writes whatever bytes it likes into a message.

Frames by hand (AMQP 0-9-1 specification, §2.3.5 and §4.2.6.1), because no client library we use
lets anything but text into a key or a content type.
"""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiormq
from aiormq.abc import AbstractChannel, ChannelFrame


@dataclass(frozen=True)
class Foreign:
    """One message. ``headers`` is the inside of a table, see ``field``."""

    exchange: str
    key: bytes
    body: bytes
    content_type: bytes = b""
    message_id: bytes = b""
    headers: bytes = b""

    def frames(self, channel: int) -> bytes:
        """All of it, as it goes over the wire."""
        method = struct.pack(">HHH", 60, 40, 0) + _short(self.exchange.encode())
        flags, properties = 0, b""
        if self.content_type:
            flags |= 1 << 15
            properties += _short(self.content_type)
        if self.headers:
            flags |= 1 << 13
            properties += long(self.headers)
        if self.message_id:
            flags |= 1 << 7
            properties += _short(self.message_id)
        header = struct.pack(">HHQH", 60, 0, len(self.body), flags) + properties
        return (
            _frame(1, channel, method + _short(self.key) + b"\x00")
            + _frame(2, channel, header)
            + _frame(3, channel, self.body)
        )


class Publisher:
    """Made by ``publisher``."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel

    async def publish(self, *messages: Foreign) -> None:
        """Send these, and return once the broker has read them all."""
        frames = b"".join(message.frames(self._channel.number) for message in messages)
        queue = self._channel.connection.write_queue
        await queue.put(ChannelFrame(payload=frames, should_close=False))
        await self._channel.basic_qos()


@asynccontextmanager
async def publisher(url: str) -> AsyncIterator[Publisher]:
    """A connection of its own."""
    connection = await aiormq.connect(url)
    try:
        yield Publisher(await connection.channel(publisher_confirms=False))
    finally:
        await connection.close()


def field(name: bytes, kind: bytes, value: bytes) -> bytes:
    """One field of a table: ``kind`` is AMQP's letter for its type."""
    return _short(name) + kind + value


def long(value: bytes) -> bytes:
    """Bytes with their length before them: a string, a table, an array."""
    return struct.pack(">I", len(value)) + value


def nested(depth: int) -> bytes:
    """An array within an array …, as the value of a field of type ``A``."""
    value = long(b"")
    for _ in range(depth):
        value = long(b"A" + value)
    return value


def _short(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


DECIMAL = field(b"decimal", b"D", b"\x02" + struct.pack(">I", 314))
"""3.14. RabbitMQ 3.10 refuses it for a stream, with an internal error to the publisher."""

STRANGE = b"".join(
    (
        field(b"timestamp", b"T", struct.pack(">Q", 1_700_000_000)),
        field(b"beyond", b"T", struct.pack(">Q", 2**63 - 1)),
        field(b"table", b"F", long(field(b"in", b"t", b"\x01") + field(b"\xff", b"V", b""))),
        field(b"array", b"A", long(b"I" + struct.pack(">i", -5) + b"V" + b"S" + long(b"\xfe"))),
        field(b"bytes", b"x", long(b"\x00\xff")),
        field(b"void", b"V", b""),
        field(b"octet", b"b", b"\xff"),
        field(b"short", b"s", b"\xff\xfe"),
        field(b"float", b"f", struct.pack(">f", 0.5)),
        field(b"double", b"d", struct.pack(">d", 0.25)),
        field(b"long", b"l", struct.pack(">q", -(2**40))),
        field(b"\xc3", b"S", long(b"text \xff")),
        field(b"deep", b"A", nested(2_000)),
        field(b"last", b"S", long("ü".encode())),
    )
)
"""A table of everything else that RabbitMQ takes."""
