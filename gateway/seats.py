"""Seats, and how long they outlive their sockets. Pure.

A page navigation closes one socket and opens another; between the two the user is still there. So
the gateway keeps the seats of a socket that is gone for a grace (2 s after a clean close, 10 s
otherwise) and only then tells the hub that they end. A successor, the same page's next connection,
shortens it: where it joins the same document the old seat ends in the same step, and the rest ends
``SETTLE_MS`` after its hello.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from schemas import messages
from schemas.ids import ConnectionId, DocumentId
from schemas.presence import Mode

SETTLE_MS: Final = 300
"""A successor has this long to join what its page shows."""
SUCCESSOR_MS: Final = 2_000
"""A successor counts this long as one: the old page may still be closing. A duplicated tab names a
connection that stays, and must not steal its seats later."""
NAMED: Final = 10_000
"""Claims to be a successor that may wait for the old socket's end; the oldest go."""


@dataclass(slots=True)
class Seat:
    """One connection at one document.

    Attributes:
        info, state: JSON objects.
        touched: Number of the last request that changed mode or state.
        fence: Of the lease that it holds; 0: it holds none, ``None``: never asked for, or an answer
            is under way.
        asked: Number of the last request about the lease.
    """

    connection: ConnectionId
    user: str
    name: str
    info: bytes
    mode: Mode
    state: bytes
    away: bool = False
    touched: int = 0
    fence: int | None = None
    asked: int = 0

    def asks(self, number: int, *, lease: bool) -> None:
        """It asks for the lease, or gives it up."""
        self.asked = number
        if not lease:
            self.fence = 0
        elif not self.fence:
            self.fence = None

    def answered(self, number: int, fence: int) -> None:
        """The hub's word on the lease; an older one than the last request's does not count."""
        if number == self.asked:
            self.fence = fence

    def loses(self, fence: int) -> bool:
        """The hub says that a lease is lost: whether the page should hear of it."""
        if self.fence is None:
            return True
        if not self.fence or fence not in (0, self.fence):
            return False
        self.fence = 0
        return True

    def told(self, document: DocumentId) -> messages.Seat:
        """As the hub hears of it."""
        return messages.Seat(
            document=document,
            connection=self.connection,
            user=self.user,
            name=self.name,
            info=self.info,
            mode=self.mode,
            state=self.state,
            away=self.away,
            lease=self.fence,
        )


@dataclass(slots=True)
class _Away:
    user: str
    ends_at: int
    cause: str
    documents: dict[DocumentId, None] = field(default_factory=dict)


class Away:
    """The connections that are gone and whose seats are kept."""

    def __init__(self) -> None:
        self._away: dict[ConnectionId, _Away] = {}
        self._named: dict[tuple[ConnectionId, str], int] = {}

    def __contains__(self, connection: ConnectionId) -> bool:
        return connection in self._away

    def gone(
        self,
        connection: ConnectionId,
        user: str,
        documents: Iterable[DocumentId],
        grace_ms: int,
        cause: str,
        now: int,
    ) -> None:
        """The socket is gone; keep its seats. A successor named lately shortens the grace."""
        if now <= self._named.pop((connection, user), -1):
            grace_ms = min(grace_ms, SETTLE_MS)
        kept = dict.fromkeys(documents)
        if kept:
            self._away[connection] = _Away(user, now + grace_ms, cause, kept)

    def succeeded(self, previous: ConnectionId, user: str, now: int) -> None:
        """Somebody says they are the successor of ``previous``, which may be here, gone or unknown.

        Another user's claim is no claim, and takes nothing from the right one: connections' names
        are no secret.
        """
        away = self._away.get(previous)
        if away is None:
            self._named.pop((previous, user), None)
            self._named[previous, user] = now + SUCCESSOR_MS
            if len(self._named) > NAMED:
                del self._named[next(iter(self._named))]
        elif away.user == user:
            away.ends_at = min(away.ends_at, now + SETTLE_MS)

    def take_over(self, previous: ConnectionId, user: str, document: DocumentId) -> bool:
        """The successor joins ``document``: whether a seat kept there ends by it."""
        away = self._away.get(previous)
        if away is None or away.user != user or document not in away.documents:
            return False
        del away.documents[document]
        if not away.documents:
            del self._away[previous]
        return True

    def due(self, now: int) -> list[tuple[ConnectionId, list[DocumentId], str]]:
        """Whose grace has ended, with their documents and the cause. They are forgotten."""
        for named in [named for named, until in self._named.items() if until < now]:
            del self._named[named]
        over = [c for c, away in self._away.items() if away.ends_at <= now]
        ended = [(connection, self._away.pop(connection)) for connection in over]
        return [(connection, list(away.documents), away.cause) for connection, away in ended]
