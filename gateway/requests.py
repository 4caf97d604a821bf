"""Who waits for the hub's word on an update or an event. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.actions import Change
from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the hub.

    Attributes:
        id: The browser's, for the answer; ``None``: it wants to hear of errors only.
        at: When it was asked, Unix milliseconds.
        change: What becomes of the seat once the hub agrees.
        rolls: How often all seats of the slot had been told by then.
    """

    connection: ConnectionId
    document: DocumentId
    id: RequestId | None
    at: int
    change: Change | None = None
    rolls: int = 0


class Requests:
    """Open requests by number. Numbers only grow and are unique in this process."""

    def __init__(self) -> None:
        self._open: dict[int, Request] = {}
        self.last = 0

    def __len__(self) -> int:
        return len(self._open)

    def put(self, request: Request) -> int:
        """Number a request."""
        self.last += 1
        self._open[self.last] = request
        return self.last

    def done(self, number: int) -> Request | None:
        """The hub answered; ``None`` when nobody waits any more."""
        return self._open.pop(number, None)

    def late(self, before: int) -> Iterator[tuple[int, Request]]:
        """Those asked before this time; they are forgotten. The outcome is unknown."""
        while self._open:
            number, request = next(iter(self._open.items()))
            if request.at >= before:
                return
            yield number, self._open.pop(number)
