"""What a session wants done. Plain facts; ``switchboard`` does them."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.auth import Claims
from schemas.close import CloseCode
from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId
from schemas.presence import Mode, Position


@dataclass(frozen=True, slots=True)
class Say:
    """Send this frame."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket. Nothing follows."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """The user is known: the connection's life begins."""

    claims: Claims
    client: dict[str, str]
    previous: ConnectionId | None


@dataclass(frozen=True, slots=True)
class Take:
    """Take a seat, or change the whole of it, and answer ``joined``."""

    document: DocumentId
    mode: Mode
    state: bytes
    since: Position | None = None
    keys: frozenset[str] | None = None
    id: RequestId | None = None
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Change what is given of a seat."""

    document: DocumentId
    mode: Mode | None = None
    state: bytes | None = None
    lease: bool | None = None
    id: RequestId | None = None


@dataclass(frozen=True, slots=True)
class Speak:
    """Pass a stamped event on. ``event`` is a CloudEvent as JSON."""

    document: DocumentId
    event: bytes
    ephemeral: bool
    id: RequestId | None = None


@dataclass(frozen=True, slots=True)
class TellWhole:
    """Send presence (and summary) as a whole, then ``ok``."""

    document: DocumentId
    id: RequestId | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """End the seat now."""

    document: DocumentId


Action = Say | Close | Open | Take | Change | Speak | TellWhole | GiveUp
