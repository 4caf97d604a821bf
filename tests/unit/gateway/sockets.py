"""A socket without a network: the transport only remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.protocol import State

from gateway.outbox import Outbox
from gateway.rooms import Rooms
from gateway.sendbuffer import SendBuffer
from gateway.session import Session
from gateway.settings import GatewaySettings
from gateway.socket import UNSENT_BYTES, Connection, Socket, Turn
from gateway.switchboard import Switchboard
from schemas import messages
from schemas.ids import ConnectionId
from schemas.messages import Act, Acts
from tests.unit.gateway.making import NOW, frame, rules, token


class Transport:
    """``on_write`` is told of each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.waiting = 0
        self.aborted = False
        self.on_write: Callable[[], None] = lambda: None

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.on_write()

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def abort(self) -> None:
        self.aborted = True


class Protocol:
    def __init__(self) -> None:
        self.state = State.OPEN
        self.closed: tuple[int, str] | None = None

    def send_close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self.state = State.CLOSING


class FakeConnection:
    def __init__(self) -> None:
        self.transport = Transport()
        self.protocol = Protocol()
        self.loop = asyncio.get_running_loop()
        self.paused = False
        self.on_room: Any = None
        self.request = Request("/", Headers({"User-Agent": "test"}))
        self.remote_address = ("127.0.0.1", 1)

    def fill(self) -> None:
        """Nobody reads any more: whatever is written waits."""
        transport = self.transport

        def wrote() -> None:
            transport.waiting += len(transport.writes[-1])
            self.paused = transport.waiting > UNSENT_BYTES

        transport.on_write = wrote

    def send_data(self) -> None:
        pass


class Fake:
    """A socket and its network's end."""

    def __init__(self, board: Switchboard | None = None, name: str = "me", most: int = 100) -> None:
        self.whole: list[list[str]] = []
        self.net = FakeConnection()
        session = Session(ConnectionId(f"c.{name}"), rules(), NOW)
        on_whole = (
            board.tell_skipped if board else lambda socket, documents: self.whole.append(documents)
        )
        self.socket = Socket(
            cast("Connection", self.net), session, Turn(), SendBuffer(most), on_whole, NOW
        )
        self.board = board
        if board is not None:
            board.sockets[session.connection] = self.socket

    def says(self, type: str, *, now: int = NOW, **fields: Any) -> None:
        assert self.board is not None
        actions = self.socket.session.receive(frame(type, **fields), now)
        self.board.act(self.socket, actions, now)

    def frames(self) -> list[dict[str, Any]]:
        """What was written so far; frames here are short, or have the 16-bit length."""
        self.socket.write()
        data, told = b"".join(self.net.transport.writes), []
        while data:
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            told.append(msgspec.json.decode(data[start : start + size]))
            data = data[start + size :]
        return told


def switchboard(**settings: Any) -> Switchboard:
    """One whose broker is there; what it tells is in its outbox."""
    rooms: Rooms[Socket] = Rooms()
    outbox = Outbox("g", lambda slot: (*rooms.seats(slot), rooms.watched()))
    outbox.connected(1)
    while outbox.take(NOW):
        pass
    return Switchboard(GatewaySettings(**settings), "g", outbox, rooms)


def welcomed(board: Switchboard, user: str = "leela", name: str = "", **hello: Any) -> Fake:
    fake = Fake(board, name or user, most=100_000)
    fake.says("hello", token=token(user), **hello)
    return fake


def told(board: Switchboard) -> list[Act]:
    """The acts that left for the hub."""
    said: list[Act] = []
    for message in board.outbox.take(NOW):
        if message.key.startswith(":"):
            shard = messages.read_to_shard(message.body)
            if isinstance(shard, Acts):
                said += [act for act in shard.acts if not isinstance(act, messages.Unknown)]
    return said
