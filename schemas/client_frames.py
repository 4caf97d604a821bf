"""What a browser says to a gateway. ``schemas.frames`` has the rules, and the other direction."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas import codec, limits
from schemas.errors import ErrorCode, MalformedMessage
from schemas.presence import Mode, Object, Position, empty_object

SUBPROTOCOL: Final = "presently.v1.json"
"""Offered by the client; none offered means the same."""
BEARER: Final = "bearer."
"""A subprotocol of this prefix carries the token, for clients that cannot wait for ``hello``."""

RequestId = (
    Annotated[str, Meta(max_length=64)]
    | Annotated[int, Meta(ge=-limits.INTEGER, le=limits.INTEGER)]
)


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
        lease: The fence of the lease that this page held on its last connection. The lease goes on
            with the same fence if it is still in force; else ``lease`` tells that it is lost.
    """

    document: str
    mode: Mode = "reading"
    state: Object = msgspec.field(default_factory=empty_object)
    since: Position | None = None
    keys: Annotated[list[str], Meta(max_length=limits.KEYS_PER_JOIN)] | None = None
    lease: Annotated[int, Meta(ge=0, le=limits.INTEGER)] | None = None


class Update(_Client, frozen=True, kw_only=True, tag="update"):
    """Change what is given of the seat. ``lease: true`` asks for the lease, ``false`` ends it."""

    document: str
    mode: Mode | UnsetType = UNSET
    state: Object | UnsetType = UNSET
    lease: bool | UnsetType = UNSET


class SentEvent(msgspec.Struct, frozen=True):
    """An event as a browser writes it; the gateway stamps the rest. ``id``: repeats do no harm."""

    type: Annotated[str, Meta(min_length=1, max_length=limits.TYPE_BYTES)]
    id: Annotated[str, Meta(min_length=1, max_length=limits.EVENT_ID_BYTES)] | None = None
    data: Object = msgspec.field(default_factory=empty_object)


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
        if isinstance(text, bytes):
            text = text.decode()  # Of what it keeps as it is (``state``), msgspec does not look.
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
