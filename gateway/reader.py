"""One socket's task: from its first frame to its end. The only task a socket has."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from broker.complaints import Complaints
from gateway import handshake, metrics
from gateway.handshake import Origins
from gateway.sendbuffer import SendBuffer
from gateway.session import Rules, Session
from gateway.socket import Connection, Socket, Turn, header
from gateway.switchboard import Switchboard
from schemas.close import CloseCode
from schemas.ids import ConnectionId

log = structlog.get_logger(__name__)

ORIGINS_LOGGED = 100
"""Refused origins that get a log line; a stranger cannot fill the log with more."""


class Doorkeeper:
    """Refuses handshakes from pages of other sites, and any that would be one too many."""

    def __init__(self, origins: Origins, full: Callable[[], bool]) -> None:
        self._origins = origins
        self._full = full
        self._logged: set[str] = set()

    def __call__(self, connection: ServerConnection, request: Request) -> Response | None:
        """``websockets``' ``process_request``."""
        if self._full():
            return connection.respond(503, "This gateway has all the connections it takes.\n")
        origins = request.headers.get_all("Origin")
        hosts = request.headers.get_all("Host")
        origin = origins[0] if origins else None
        if len(origins) <= 1 and self._origins.admits(origin, hosts[0] if hosts else None):
            return None
        metrics.REFUSED_ORIGINS.inc()
        said = str(origin)[:200]
        if said not in self._logged and len(self._logged) < ORIGINS_LOGGED:
            self._logged.add(said)
            log.warning("origin refused; to admit it add it to PRESENTLY_ORIGINS", origin=said)
        return connection.respond(403, "This origin is not admitted: see PRESENTLY_ORIGINS.\n")


class Reader:
    """Serves one socket after the other's handshake; see ``handle``."""

    def __init__(
        self, switchboard: Switchboard, rules: Rules, turn: Turn, clock: Callable[[], float]
    ) -> None:
        self._board = switchboard
        self._rules = rules
        self._turn = turn
        self._clock = clock
        self._complaints = Complaints()

    def _now(self) -> int:
        return int(self._clock() * 1000)

    async def handle(self, connection: ServerConnection) -> None:
        """``websockets``' handler. Whatever happens to one socket ends that socket only."""
        assert isinstance(connection, Connection)
        socket = self._seat(connection)
        session = socket.session
        try:
            while True:
                data = await connection.recv()
                metrics.FRAMES.inc()
                now = self._now()
                self._board.act(socket, session.receive(data, now), now)
        except ConnectionClosed:
            pass
        except Exception as error:
            if self._complaints.due(type(error).__name__, self._clock()):
                log.exception("a session failed", connection=session.connection)
            socket.close(1011, "our mistake")
        finally:
            self._ended(socket)

    def _seat(self, connection: Connection) -> Socket:
        request = connection.request
        assert request is not None
        authorization = header(request, "Authorization")
        bearer = handshake.early_token(authorization, header(request, "Sec-WebSocket-Protocol"))
        now = self._now()
        id = ConnectionId(f"c.{secrets.token_urlsafe(12)}")
        session = Session(id, self._rules, now, bearer=bearer)
        buffer = SendBuffer(self._board.settings.socket_bytes)
        socket = Socket(
            connection, session, self._turn, buffer, self._board.tell_skipped, since=now
        )
        self._board.sockets[id] = socket
        return socket

    def _ended(self, socket: Socket) -> None:
        received = socket.connection.protocol.close_rcvd
        if socket.closing is not None:
            code = int(socket.closing)
            cause = "drained" if code == CloseCode.RESTARTING else "kicked"
            if code == CloseCode.NO_PONG:
                cause = "lost"
        elif received is not None:
            code, cause = received.code, "closed"
        else:
            code, cause = 1006, "lost"
        socket.session.end()
        self._board.gone(socket, code, cause, self._now())
        log.debug("socket ended", connection=socket.session.connection, code=code, cause=cause)
