"""A gateway process: its listeners, its clockwork, its end. Everything meets here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket as sockets
import time
import uuid
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from broker.complaints import Complaints
from broker.port import Connect
from gateway.api import Api
from gateway.api_listener import ApiListener
from gateway.auth import Tokens
from gateway.downlink import Downlink
from gateway.drain import abort, cut, drain, say_bye
from gateway.handshake import Origins
from gateway.health import Health
from gateway.heard import Heard
from gateway.link import Link
from gateway.lookups import Lookups
from gateway.outbox import Outbox
from gateway.reader import Doorkeeper, Reader
from gateway.rooms import Rooms
from gateway.session import Rules
from gateway.settings import GatewaySettings
from gateway.socket import CLOSE_S, UNSENT_BYTES, Connection, Socket, Turn
from gateway.switchboard import Switchboard
from gateway.uplink import Uplink
from schemas import limits
from schemas.frames import SUBPROTOCOL

log = structlog.get_logger(__name__)

TICK_S: Final = 0.05
SWEEP_S: Final = 1.0
INBOUND_FRAMES: Final = 8
"""Frames of one socket that may wait for its reader; then it is not read further."""

# A browser that vanishes or speaks nonsense is no news: what matters of it we log ourselves.
_QUIET: Final = logging.getLogger("gateway.websockets")
_QUIET.setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Bound:
    """Where the gateway really listens."""

    host: str
    port: int
    api_host: str
    api_port: int


async def run(
    settings: GatewaySettings,
    connect: Connect,
    *,
    stopping: asyncio.Event,
    ready: Callable[[Bound], None] | None = None,
    health: Health | None = None,
    clock: Callable[[], float] = time.time,
    wall: Callable[[], float] = time.time,
) -> None:
    """Serve until ``stopping`` is set, then drain.

    Error handling: one browser's failure ends that browser; a lost broker is dialled again.

    Args:
        ready: Told once both listeners are open. Browsers should come once ``health.ready``.
        clock: Unix time in seconds; services bring one that nobody sets back.
        wall: The machine's own clock, which tokens are checked by.

    Raises:
        OSError: An address cannot be listened on.
    """
    await _Gateway(settings, connect, health or Health(), clock, wall).run(stopping, ready)


class _Gateway:
    def __init__(
        self,
        settings: GatewaySettings,
        connect: Connect,
        health: Health,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        id = settings.id or _made_up_id()
        rooms: Rooms[Socket] = Rooms(
            settings.request_ms, lambda peer, size: peer.unsent + size <= settings.socket_bytes
        )
        outbox = Outbox(id, lambda slot: (*rooms.seats(slot), rooms.watched()))
        lookups = Lookups(outbox, rooms)
        heard = Heard()
        self.settings = settings
        self.health = health
        self.clock = clock
        self.board = Switchboard(settings, id, outbox, rooms)
        self.uplink = Uplink(outbox, clock)
        downlink = Downlink(self.board, heard, health, lookups, clock)
        self.link = Link(
            settings,
            id,
            connect,
            outbox,
            self.uplink,
            downlink,
            lambda: len(self.board.sockets),
            self.board.errands.lost,
            clock,
        )
        self.api = Api(settings, self.uplink, lookups, heard, self.link, clock)
        tokens = Tokens(settings.jwt_keys, audience=settings.jwt_audience, rights=settings.rights)
        rules = Rules(
            settings,
            tokens.read,
            self.board.admits,
            lambda: str(uuid.uuid4()),
            lambda: int((wall() - clock()) * 1000),
        )
        self.reader = Reader(self.board, rules, Turn(), clock)
        self.landed: weakref.WeakSet[Connection] = weakref.WeakSet()

    async def run(self, stopping: asyncio.Event, ready: Callable[[Bound], None] | None) -> None:
        settings = self.settings
        with ApiListener(self.api.app, settings.api_host, settings.api_port) as api:
            async with self._listen() as server, self._cutting(), asyncio.TaskGroup() as tasks:
                clockwork = [
                    tasks.create_task(self.link.run(), name="link"),
                    tasks.create_task(self._every(TICK_S, self.board.tick), name="tick"),
                    tasks.create_task(self._every(SWEEP_S, self.board.sweep), name="sweep"),
                ]
                http = tasks.create_task(api.run(), name="api")
                if ready is not None:
                    ready(Bound(*_address(server.sockets[0]), *_address(api.socket)))
                await stopping.wait()
                await drain(self.board, self.health, self.link, server)
                api.stop()
                await cut(server, self.landed)
                await http
                await say_bye(self.board, self.uplink, self.clock)
                for task in clockwork:
                    task.cancel()

    @contextlib.asynccontextmanager
    async def _cutting(self) -> AsyncIterator[None]:
        """Whoever ends us early waits for no browser's good-bye."""
        try:
            yield
        finally:
            abort(self.landed)

    def _listen(self) -> Server:
        return serve(
            self.reader.handle,
            self.settings.host,
            self.settings.port,
            create_connection=self._land,  # type: ignore[arg-type]
            process_request=Doorkeeper(
                Origins(self.settings.origins),
                lambda: len(self.board.sockets) >= self.settings.connections,
            ),
            select_subprotocol=_choose,
            compression=None,
            server_header=None,
            ping_interval=None,
            close_timeout=CLOSE_S,
            max_size=limits.FRAME_BYTES,
            max_queue=INBOUND_FRAMES,
            write_limit=UNSENT_BYTES,
            logger=_QUIET,
        )

    def _land(self, *arguments: Any, **options: Any) -> Connection:
        connection = Connection(*arguments, **options)
        self.landed.add(connection)
        return connection

    async def _every(self, seconds: float, look: Callable[[int], None]) -> None:
        complaints = Complaints()
        while True:
            await asyncio.sleep(seconds)
            try:
                look(int(self.clock() * 1000))
            except Exception as error:  # Our mistake: it shall not cost everybody their socket.
                if complaints.due(type(error).__name__, self.clock()):
                    log.exception("a look at what is due failed")


def _choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


def _address(socket: sockets.socket) -> tuple[str, int]:
    host, port = socket.getsockname()[:2]
    return host, port


def _made_up_id() -> str:
    """Host name and randomness: never used by another process, before or after."""
    host = "".join(c if c.isascii() and c.isalnum() else "-" for c in sockets.gethostname())
    return f"{host[:40].strip('-') or 'gateway'}-{secrets.token_hex(4)}"
