"""The life of one socket, as a table. Pure.

Frames and the passing of time go in, actions come out; ``now`` is Unix milliseconds. Whatever a
browser sends, in whatever order, the rest of the gateway sees one well-formed life: ``Open`` at
most once and first, seats taken before they change, nothing after ``Close``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Raw

from gateway import wishes
from gateway.actions import Action, Close, Open
from gateway.answers import Refused, error, say
from gateway.auth import Claims, TokenRefused
from gateway.ratelimit import Bucket
from gateway.settings import GatewaySettings
from gateway.wishes import Guest
from schemas import frames, limits
from schemas.close import CloseCode
from schemas.errors import ErrorCode
from schemas.frames import BadFrame
from schemas.ids import ConnectionId, DocumentId

RUBBISH: Final = 10
"""Frames that are no frames, less those that are: answered. One more closes the socket (4400)."""
DEAF: Final = 100
"""Frames beyond the rate, less those within: answered. One more closes the socket (4029). So who
sends more than twice the rate is closed soon, and who sends a little too much never."""


class Phase(enum.Enum):
    """Where a socket's life is."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Rules:
    """What every session of a gateway shares.

    Attributes:
        read_token: Checks a token at a time; raises ``TokenRefused``.
        admits: Whether this user may have one more connection.
        new_id: Makes an id for an event that came without.
        ahead: By how many milliseconds the machine's clock, which tokens are signed and checked by,
            is ahead of the steady one that everything else is timed by: it may have been set.
    """

    settings: GatewaySettings
    read_token: Callable[[str, int], Claims]
    admits: Callable[[str], bool]
    new_id: Callable[[], str]
    ahead: Callable[[], int] = lambda: 0


class Session:
    """One socket. ``bearer``: the token that came with the handshake, if one did."""

    __slots__ = (
        "_bearer",
        "_bucket",
        "_deaf",
        "_ping_at",
        "_pong_by",
        "_rubbish",
        "_rules",
        "connection",
        "guest",
        "phase",
    )

    def __init__(
        self, connection: ConnectionId, rules: Rules, now: int, *, bearer: str | None = None
    ) -> None:
        settings = rules.settings
        self.connection = connection
        self.phase = Phase.NEW
        self.guest: Guest | None = None
        self._rules = rules
        self._bearer = bearer
        self._bucket = Bucket(settings.frames_per_second, settings.frames_burst, now)
        self._rubbish = 0
        self._deaf = 0
        self._ping_at = now + settings.hello_ms
        self._pong_by = 0

    # --- frames ---------------------------------------------------------------------

    def receive(self, data: str | bytes, now: int) -> list[Action]:
        """What one frame from the browser asks for. Never raises."""
        if self.phase is Phase.CLOSED:
            return []
        wait_ms = self._bucket.take(now)
        try:
            frame = frames.read_frame(data)
        except BadFrame as bad:
            return self._bad(bad, isinstance(data, bytes), wait_ms)
        self._rubbish = max(0, self._rubbish - 1)
        if isinstance(frame, frames.Pong):
            self._pong_by = 0
        if wait_ms:
            return self._too_many(frame, wait_ms)
        self._deaf = max(0, self._deaf - 1)
        handler = _TABLE[self.phase].get(type(frame))
        if handler is None:
            why = "say hello first" if self.phase is Phase.NEW else "hello was said already"
            return [error(frame, ErrorCode.BAD_FRAME, why)]
        try:
            return handler(self, frame, now)
        except Refused as refused:
            return [error(frame, refused.code, str(refused))]

    def _bad(self, bad: BadFrame, binary: bool, wait_ms: int) -> list[Action]:
        if binary:
            return self.close(CloseCode.BAD_FRAME, "a binary frame that is no JSON")
        if wait_ms:
            return self._too_many(None, wait_ms)
        if bad.code is not ErrorCode.UNKNOWN_TYPE:
            self._rubbish += 1
        if self._rubbish > RUBBISH:
            return self.close(CloseCode.BAD_FRAME, "too many frames that are no frames")
        return [say(frames.error(bad.code, str(bad), id=bad.id))]

    def _too_many(self, frame: frames.ClientFrame | None, wait_ms: int) -> list[Action]:
        self._deaf += 1
        if self._deaf > DEAF:
            return self.close(CloseCode.RATE, "too many frames")
        if isinstance(frame, frames.Pong):
            return []
        message = f"at most {self._rules.settings.frames_per_second} frames a second"
        return [error(frame, ErrorCode.RATE_LIMITED, message, wait_ms)]

    def _hello(self, frame: frames.Hello, now: int) -> list[Action]:
        try:
            claims = self._read(frame.token or self._bearer, now)
        except Refused as refused:
            told = error(frame, refused.code, str(refused))
            return [told, *self.close(CloseCode.TOKEN_REFUSED, str(refused)[:100])]
        settings = self._rules.settings
        if not self._rules.admits(claims.user):
            why = f"at most {settings.connections_per_user} connections a user"
            told = error(frame, ErrorCode.LIMIT, why)
            return [told, *self.close(CloseCode.TOO_MANY_CONNECTIONS, why)]
        self.phase = Phase.OPEN
        self.guest = Guest(
            self.connection, claims, settings.documents_per_connection, self._rules.new_id
        )
        self._bearer = None
        self._ping_at = now + settings.ping_ms
        previous = ConnectionId(frame.previous) if frame.previous else None
        return [Open(claims, frame.client, previous), say(self._welcome(frame, claims, now))]

    def _welcome(self, frame: frames.Hello, claims: Claims, now: int) -> frames.Welcome:
        settings = self._rules.settings
        return frames.Welcome(
            id=frame.id,
            connection=self.connection,
            user=frames.Me(claims.user, claims.name, Raw(claims.info)),
            ping_ms=settings.ping_ms,
            expires_in_ms=claims.expires_at - now - self._rules.ahead(),
            limits=frames.Limits(
                limits.FRAME_BYTES, limits.DATA_BYTES, settings.documents_per_connection
            ),
        )

    def _token(self, frame: frames.Token, now: int) -> list[Action]:
        assert self.guest is not None
        claims = self._read(frame.token, now)
        if claims.user != self.guest.claims.user:
            raise Refused(ErrorCode.UNAUTHORIZED, "the token is another user's")
        self.guest.claims = claims
        done: list[Action] = [] if frame.id is None else [say(frames.Ok(id=frame.id))]
        return [*done, *wishes.fit_rights(self.guest)]

    def _read(self, token: str | None, now: int) -> Claims:
        if not token:
            raise Refused(ErrorCode.UNAUTHORIZED, "no token")
        try:
            return self._rules.read_token(token, now + self._rules.ahead())
        except TokenRefused as refused:
            raise Refused(refused.code, str(refused)) from None

    def _pong(self, frame: frames.Pong, now: int) -> list[Action]:
        return []

    # --- time -----------------------------------------------------------------------

    def tick(self, now: int) -> list[Action]:
        """What is due: no hello, no pong, the token's end, a ping. Call it about once a second."""
        if self.phase is Phase.CLOSED:
            return []
        if self.guest is None:
            late = now >= self._ping_at
            return self.close(CloseCode.NO_HELLO, "no hello in time") if late else []
        if now + self._rules.ahead() >= self.guest.claims.expires_at:
            told = say(frames.error(ErrorCode.EXPIRED, "the token has expired"))
            return [told, *self.close(CloseCode.TOKEN_REFUSED, "the token has expired")]
        if self._pong_by and now >= self._pong_by:
            return self.close(CloseCode.NO_PONG, "no pong in time")
        if now < self._ping_at:
            return []
        self._ping_at = now + self._rules.settings.ping_ms
        self._pong_by = self._pong_by or now + self._rules.settings.pong_ms
        return [say(frames.Ping())]

    # --- from our own side ----------------------------------------------------------

    def close(self, code: CloseCode, reason: str) -> list[Action]:
        """End the life; what comes after is not heard."""
        if self.phase is Phase.CLOSED:
            return []
        self.phase = Phase.CLOSED
        return [Close(code, reason)]

    def end(self) -> None:
        """The socket is gone."""
        self.phase = Phase.CLOSED

    def unseat(self, document: DocumentId) -> None:
        """The seat ended, or never came to be, without the browser asking."""
        if self.guest is not None:
            self.guest.seats.pop(document, None)


_Handler = Callable[[Session, Any, int], list[Action]]


def _seated(wish: Callable[[Guest, Any, int], list[Action]]) -> _Handler:
    def handler(session: Session, frame: Any, now: int) -> list[Action]:
        assert session.guest is not None
        return wish(session.guest, frame, now)

    return handler


_TABLE: Final[dict[Phase, dict[type[Any], _Handler]]] = {
    Phase.NEW: {frames.Hello: Session._hello, frames.Pong: Session._pong},
    Phase.OPEN: {
        frames.Join: _seated(wishes.join),
        frames.Update: _seated(wishes.update),
        frames.Send: _seated(wishes.send),
        frames.Sync: _seated(wishes.sync),
        frames.Leave: _seated(wishes.leave),
        frames.Token: Session._token,
        frames.Pong: Session._pong,
    },
}
