"""What a browser and a gateway say to each other: protocol v1, JSON text frames.

Every frame is an object with ``type``. A frame with ``id`` gets an answer that echoes it. Times and
durations end in ``_ms``. Unknown fields are ignored; an unknown ``type`` gets an error. Fields are
only ever added, with a default.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from schemas import codec
from schemas.client_frames import (
    BEARER as BEARER,
    SUBPROTOCOL as SUBPROTOCOL,
    BadFrame as BadFrame,
    ClientFrame as ClientFrame,
    Hello as Hello,
    Join as Join,
    Leave as Leave,
    Pong as Pong,
    RequestId as RequestId,
    Send as Send,
    SentEvent as SentEvent,
    Sync as Sync,
    Token as Token,
    Update as Update,
    read_frame as read_frame,
)
from schemas.errors import ErrorCode
from schemas.presence import (
    Counts,
    DocumentSummary,
    Lease,
    Object,
    Presence,
    Summary,
    User,
)


class _Gateway(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    pass


class Me(msgspec.Struct, frozen=True):
    """The user the token names."""

    id: str
    name: str
    info: Object


class Limits(msgspec.Struct, frozen=True):
    """What this gateway takes."""

    frame_bytes: int
    data_bytes: int
    documents: int


class Welcome(_Gateway, frozen=True, kw_only=True, tag="welcome"):
    """The answer to ``hello``. ``expires_in_ms``: renew the token before."""

    id: str | int | None = None
    connection: str
    user: Me
    ping_ms: int
    expires_in_ms: int
    limits: Limits


class EventFrame(_Gateway, frozen=True, kw_only=True, tag="event"):
    """Something happened at ``document``. ``event`` is a CloudEvent. No ``seq``: ephemeral."""

    document: str
    seq: int | UnsetType = UNSET
    event: Annotated[Raw, Meta(extra_json_schema={"$ref": "#/definitions/Envelope"})]


class Joined(_Gateway, frozen=True, kw_only=True, tag="joined"):
    """The answer to ``join``.

    Attributes:
        seq: The position after ``events``; the next event is ``seq + 1``.
        recovered: All that was missed since ``since`` is in ``events``; else reload.
        events: ``event`` frames as they would have come, in order.
    """

    id: str | int | None = None
    document: str
    epoch: str
    seq: int
    recovered: bool
    events: list[Annotated[Raw, Meta(extra_json_schema={"$ref": "#/definitions/EventFrame"})]]
    presence: Presence
    summary: Summary | UnsetType = UNSET


class PresenceFrame(_Gateway, frozen=True, kw_only=True, tag="presence"):
    """``schemas.presence.Presence`` of ``document``, its fields laid flat."""

    document: str
    v: int
    full: bool
    users: list[User]
    left: list[str]
    counts: Counts
    complete: bool
    lease: Lease | None


class SummaryFrame(_Gateway, frozen=True, kw_only=True, tag="summary"):
    """``schemas.presence.Summary`` of the collection whose list is ``document``, laid flat."""

    document: str
    v: int
    full: bool
    complete: bool
    documents: list[DocumentSummary]


class LeaseFrame(_Gateway, frozen=True, kw_only=True, tag="lease"):
    """You no longer hold the lease.

    Attributes:
        lost: ``taken`` by the same user's other tab, ``expired``, or ``forbidden``.
        fence: Of the lease that is lost.
    """

    document: str
    lost: str
    fence: int | UnsetType = UNSET


class Reset(_Gateway, frozen=True, kw_only=True, tag="reset"):
    """The document's numbers begin anew. Reload it; events go on from ``seq``."""

    document: str
    epoch: str
    seq: int


class Ok(_Gateway, frozen=True, kw_only=True, tag="ok"):
    """Done. ``fence`` answers a lease, ``seq`` a ``send``."""

    id: str | int | None = None
    document: str | UnsetType = UNSET
    fence: int | UnsetType = UNSET
    seq: int | UnsetType = UNSET


class By(msgspec.Struct, frozen=True):
    """Who is in the way."""

    id: str
    name: str


class Error(_Gateway, frozen=True, kw_only=True, tag="error"):
    """It was not done. ``temporary``: trying again may help."""

    id: str | int | None = None
    document: str | UnsetType = UNSET
    code: ErrorCode
    message: str
    temporary: bool
    retry_in_ms: int | UnsetType = UNSET
    by: By | UnsetType = UNSET


class Drain(_Gateway, frozen=True, kw_only=True, tag="drain"):
    """This gateway stops: reconnect at a random time within the range, and resume."""

    reconnect_in_ms: tuple[int, int]


class Ping(_Gateway, frozen=True, kw_only=True, tag="ping"):
    """Answer ``pong`` within ``limits.PONG_MS``."""


GatewayFrame = (
    Welcome
    | EventFrame
    | Joined
    | PresenceFrame
    | SummaryFrame
    | LeaseFrame
    | Reset
    | Ok
    | Error
    | Drain
    | Ping
)


def event_frame(document: str, seq: int | None, event: bytes) -> bytes:
    """The bytes of an ``event`` frame, the event's own JSON untouched inside."""
    number = b"" if seq is None else b',"seq":%d' % seq
    return b'{"type":"event","document":"%b"%b,"event":%b}' % (document.encode(), number, event)


def presence_frame(document: str, presence: Presence) -> bytes:
    """The bytes of a ``presence`` frame. (A document id needs no escaping.)"""
    body = codec.write_json(presence)
    return b'{"type":"presence","document":"%b",%b' % (document.encode(), body[1:])


def summary_frame(document: str, summary: Summary) -> bytes:
    """The bytes of a ``summary`` frame."""
    body = codec.write_json(summary)
    return b'{"type":"summary","document":"%b",%b' % (document.encode(), body[1:])


def error(
    code: ErrorCode,
    message: str,
    *,
    id: str | int | None = None,
    document: str | UnsetType = UNSET,
    by: By | UnsetType = UNSET,
    retry_in_ms: int | UnsetType = UNSET,
) -> Error:
    """An ``error`` frame; ``temporary`` follows from the code."""
    return Error(
        id=id,
        document=document,
        code=code,
        message=message,
        temporary=code.temporary,
        by=by,
        retry_in_ms=retry_in_ms,
    )


write_frame: Final = codec.write_json
"""A gateway frame as bytes."""
