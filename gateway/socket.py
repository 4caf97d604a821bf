"""Writing to one WebSocket: the only file that reaches beneath ``websockets``' own ``send``.

Why beneath it: ``send`` is a coroutine that makes a frame for each socket and waits for slow ones.
Here a document's frame is made once (``prepare``) and its bytes are written to every socket's
transport; what is due to one socket in one loop turn leaves in one write (in more, if it is much);
and a socket that does not take its bytes makes nobody wait: see ``sendbuffer``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request
from websockets.protocol import State

from gateway.sendbuffer import Overflow, SendBuffer
from gateway.session import Session
from schemas.close import CloseCode

UNSENT_BYTES: Final = 64 * 1024
"""A transport that holds more takes nothing new until it has sent most of it."""
CLOSE_S: Final = 5.0
"""How long the other end may take to answer a close. After that the connection is cut."""
SLOW_CLOSE_S: Final = 0.5
"""The same for who did not take what came before: it hardly hears a goodbye, and its bytes wait."""
REASON_BYTES: Final = 123
"""A close frame's payload has 125, two of them the code (RFC 6455, section 5.5)."""


def prepare(frame: bytes) -> bytes:
    """The bytes of an unmasked text frame with this payload (RFC 6455, section 5.2)."""
    size = len(frame)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + frame
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + frame
    return b"\x81\x7f" + size.to_bytes(8, "big") + frame


def header(request: Request, name: str) -> str:
    """A header's values as one, empty without any. (``headers[name]`` refuses a repeated one.)"""
    return ",".join(request.headers.get_all(name))


class Connection(ServerConnection):
    """A connection that says when its transport has room again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_room: Callable[[], None] | None = None

    def resume_writing(self) -> None:
        """Called by the transport."""
        super().resume_writing()
        if self.on_room is not None:
            self.on_room()


class Turn:
    """The sockets that something is due to in this turn of the loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets: list[Socket] = []

    def due(self, socket: Socket) -> None:
        """``socket`` has something to write at the end of this turn."""
        if not self._sockets:
            self._loop.call_soon(self._write)
        self._sockets.append(socket)

    def _write(self) -> None:
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            socket.write()


class Socket:
    """One browser's socket.

    Attributes:
        on_whole: Called with the documents to tell whole, when there is room again.
        closing: The code we closed it with.
    """

    __slots__ = (
        "_buffer",
        "_due",
        "_due_bytes",
        "_turn",
        "closing",
        "connection",
        "on_whole",
        "session",
        "since",
    )

    def __init__(
        self,
        connection: Connection,
        session: Session,
        turn: Turn,
        buffer: SendBuffer,
        on_whole: Callable[[Socket, list[str]], None],
        since: int,
    ) -> None:
        self.connection = connection
        self.session = session
        self.since = since
        self.on_whole = on_whole
        self.closing: int | None = None
        self._turn = turn
        self._buffer = buffer
        self._due: list[bytes] = []
        self._due_bytes = 0
        connection.on_room = self._has_room

    @property
    def unsent(self) -> int:
        """Bytes that the network has not taken yet."""
        transport = self.connection.transport
        return self._due_bytes + self._buffer.size + transport.get_write_buffer_size()

    def send(self, prepared: bytes, whole_of: str | None = None) -> None:
        """Write a prepared frame at the end of this turn, or let it wait for room.

        Args:
            whole_of: It changes this document's presence or summary, and may be skipped if that is
                told whole later.
        """
        if self.closing is not None:
            return
        if self.connection.paused:
            self.write()
            self._wait(prepared, whole_of)
            return
        if not self._due:
            self._turn.due(self)
        self._due.append(prepared)
        self._due_bytes += len(prepared)
        if self._due_bytes > UNSENT_BYTES:  # Ask the transport: it may have no room for more.
            self.write()

    def write(self) -> None:
        """Hand over what is due. Called by ``Turn``, or before if it is much."""
        due, self._due, self._due_bytes = self._due, [], 0
        if due and self.closing is None and self.connection.protocol.state is State.OPEN:
            self.connection.transport.write(due[0] if len(due) == 1 else b"".join(due))

    def _wait(self, prepared: bytes, whole_of: str | None) -> None:
        if whole_of is not None:
            self._buffer.skip(whole_of)
            return
        unsent = self.connection.transport.get_write_buffer_size()
        try:
            self._buffer.push(prepared, unsent=unsent)
        except Overflow as overflow:
            self.close(CloseCode.TOO_SLOW, str(overflow))

    def _has_room(self) -> None:
        frames, skipped = self._buffer.take()
        for frame in frames:
            self.send(frame)
        if skipped and self.closing is None:
            self.on_whole(self, skipped)

    def close(self, code: int, reason: str) -> None:
        """Say what is due and then goodbye; cut the connection if that is not answered."""
        if self.closing is not None:
            return
        self.write()
        self.closing = code
        connection = self.connection
        if connection.protocol.state is State.OPEN:
            fits = reason.encode("utf-8", "replace")[:REASON_BYTES].decode(errors="ignore")
            connection.protocol.send_close(code, fits)
            connection.send_data()
            patience = SLOW_CLOSE_S if code == CloseCode.TOO_SLOW else CLOSE_S
            connection.loop.call_later(patience, connection.transport.abort)
