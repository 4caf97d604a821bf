"""What a browser and a gateway say to each other: protocol v1, JSON text frames.

Every frame is an object with ``type``. A frame with ``id`` gets an answer that echoes it. Times and
durations end in ``_ms``. Unknown fields are ignored; an unknown ``type`` gets an error. Fields are
only ever added, with a default.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from schemas import codec, limits
from schemas.errors import ErrorCode, MalformedMessage
from schemas.presence import (
    Counts,
    DocumentSummary,
    Lease,
    Mode,
    Position,
    Presence,
    Summary,
    User,
    empty_object,
)

SUBPROTOCOL: Final = "presently.v1.json"
"""Offered by the client; none offered means the same."""
BEARER: Final = "bearer."
"""A subprotocol of this prefix carries the token, for clients that cannot wait for ``hello``."""

RequestId = Annotated[str, Meta(max_length=64)] | int


class BadFrame(Exception):
    """A frame we cannot take: the client's fault.

    Attributes:
        id: The frame's id when it could be read, for the answer.
        code: ``bad_frame``, ``unknown_type`` or ``too_big``.
    """

    def __init__(self, code: ErrorCode, why: str, id: str | int | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.id = id


class _Client(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    id: RequestId | None = None


class Hello(_Client, frozen=True, kw_only=True, tag="hello"):
    """Always first, within ``limits.HELLO_MS``.

    Attributes:
        token: JWT, unless it came as a subprotocol.
        previous: The connection this page held before; its seats end when it is the same user's
            and gone.
    """

    token: str | None = None
    client: dict[str, str] = {}
    previous: Annotated[str, Meta(max_length=limits.CONNECTION_BYTES)] | None = None


class Join(_Client, frozen=True, kw_only=True, tag="join"):
    """Take a seat. A second one at the same document is an ``update``.

    Attributes:
        state: JSON object, what the seat says about itself.
        since: Resume after this position: everything missed comes in ``joined``.
        keys: For a list: only these members.
    """

    document: str
    mode: Mode = "reading"
    state: Raw = msgspec.field(default_factory=empty_object)
    since: Position | None = None
    keys: Annotated[list[str], Meta(max_length=limits.KEYS_PER_JOIN)] | None = None


class Update(_Client, frozen=True, kw_only=True, tag="update"):
    """Change what is given of the seat. ``lease: true`` asks for the lease, ``false`` ends it."""

    document: str
    mode: Mode | UnsetType = UNSET
    state: Raw | UnsetType = UNSET
    lease: bool | UnsetType = UNSET


class SentEvent(msgspec.Struct, frozen=True):
    """An event as a browser writes it; the gateway stamps the rest. ``id``: repeats do no harm."""

    type: Annotated[str, Meta(min_length=1, max_length=limits.TYPE_BYTES)]
    id: Annotated[str, Meta(min_length=1, max_length=limits.EVENT_ID_BYTES)] | None = None
    data: Raw = msgspec.field(default_factory=empty_object)


class Send(_Client, frozen=True, kw_only=True, tag="send"):
    """Say something to everybody at the document. ``ephemeral``: not numbered, not kept."""

    document: str
    event: SentEvent
    ephemeral: bool = False


class Sync(_Client, frozen=True, kw_only=True, tag="sync"):
    """Tell me presence (and summary) of a document I am at as a whole."""

    document: str


class Leave(_Client, frozen=True, kw_only=True, tag="leave"):
    """Give up the seat, now."""

    document: str


class Token(_Client, frozen=True, kw_only=True, tag="token"):
    """A fresh token for the same user."""

    token: str


class Pong(_Client, frozen=True, kw_only=True, tag="pong"):
    """The answer to ``ping``."""


ClientFrame = Hello | Join | Update | Send | Sync | Leave | Token | Pong


class _Gateway(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    pass


class Me(msgspec.Struct, frozen=True):
    """The user the token names."""

    id: str
    name: str
    info: Raw


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
    event: Raw


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
    events: list[Raw]
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
    """You no longer hold the lease."""

    document: str
    lost: str


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


class _Head(msgspec.Struct):
    type: str
    id: RequestId | None = None


_CLIENT: Final[msgspec.json.Decoder[ClientFrame]] = msgspec.json.Decoder(ClientFrame)
_TYPES: Final = frozenset({"hello", "join", "update", "send", "sync", "leave", "token", "pong"})


def read_frame(text: str | bytes) -> ClientFrame:
    """One frame from a browser.

    Raises:
        BadFrame: With the code and message for the answer.
    """
    if len(text) > limits.FRAME_BYTES:
        raise BadFrame(ErrorCode.TOO_BIG, f"a frame may have {limits.FRAME_BYTES} bytes")
    try:
        return _CLIENT.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise _bad(text, str(error)) from None


def _bad(text: str | bytes, why: str) -> BadFrame:
    try:
        head = codec.read_json(text, _Head)
    except MalformedMessage:
        return BadFrame(ErrorCode.BAD_FRAME, why)
    if head.type not in _TYPES:
        return BadFrame(ErrorCode.UNKNOWN_TYPE, f"unknown type {head.type[:40]!r}", head.id)
    return BadFrame(ErrorCode.BAD_FRAME, why, head.id)


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
