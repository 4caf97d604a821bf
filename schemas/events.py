"""The event envelope: CloudEvents 1.0, structured mode, one per message.

An event travels as the JSON its producer wrote; we read what we need and forward the rest
untouched. ``subject`` is the document. Types that begin with ``presently.`` are ours:
``presently.change`` (a row changed) and ``presently.resync`` (fetch everything anew); any other is
the application's. ``actor`` is a CloudEvents extension attribute: the user who caused it.

Source of the rules: CloudEvents 1.0.2, "Context Attributes".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas import codec, limits
from schemas.errors import InvalidDocument, InvalidEvent, MalformedMessage
from schemas.ids import DocumentId, parse_document
from schemas.presence import Object

JSON_TYPE: Final = "application/cloudevents+json"
BATCH_TYPE: Final = "application/cloudevents-batch+json"
MSGPACK_TYPE: Final = "application/cloudevents+msgpack"
CHANGE: Final = "presently.change"
RESYNC: Final = "presently.resync"
OURS: Final = "presently."
TYPE: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", re.ASCII)


class Envelope(msgspec.Struct):
    """The attributes of a CloudEvent that we read. Others are forwarded unread.

    Attributes:
        id: Unique within ``source``; a repeat of (document, source, id) is the same event.
        data: A JSON object; what is in it belongs to the type.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=limits.EVENT_ID_BYTES)]
    source: Annotated[str, Meta(min_length=1, max_length=limits.SOURCE_BYTES)]
    type: Annotated[str, Meta(min_length=1, max_length=limits.TYPE_BYTES)]
    subject: str
    time: str | UnsetType = UNSET
    actor: str | UnsetType | None = UNSET
    data: Object | UnsetType = UNSET


class ChangeData(msgspec.Struct):
    """``data`` of a ``presently.change``.

    Attributes:
        op: ``c`` created, ``u`` updated, ``d`` deleted, ``r`` read by a backfill, ``t`` truncated,
            ``x`` many rows or unknown ones: fetch anew. The last two go to the collection's list.
        key: The primary key's columns; absent for ``t`` and ``x``.
        changed: Names of the columns whose values changed; absent when unknown.
        after: Values of the columns that the capture names, and of no others.
        before: Values they had, if the capture asks for it: of ``u`` what changed, of ``d`` all.
        omitted: Columns named but too big to send; ``["*"]`` means all of them.
        ctx: What the writing transaction said of itself, at most ``limits.CONTEXT_BYTES`` of JSON.
    """

    op: Literal["c", "u", "d", "r", "t", "x"]
    entity: Annotated[str, Meta(min_length=1, max_length=200)]
    key: dict[str, Any] | UnsetType = UNSET
    changed: list[str] | UnsetType = UNSET
    after: dict[str, Any] | UnsetType = UNSET
    before: dict[str, Any] | UnsetType = UNSET
    omitted: list[str] | UnsetType = UNSET
    ctx: dict[str, Any] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Event:
    """A valid event, ready to number.

    Attributes:
        json: The whole CloudEvent as JSON, UTF-8.
        actor: The user who caused it, if anybody says so.
        data: Its ``data`` as JSON; empty when it has none.
    """

    document: DocumentId
    id: str
    source: str
    type: str
    json: bytes
    actor: str | None = None
    data: bytes = b""


def parse_event(
    body: bytes, content_type: str = JSON_TYPE, *, data_bytes: int = limits.BACKEND_DATA_BYTES
) -> Event:
    """Read and check one CloudEvent.

    Args:
        content_type: ``MSGPACK_TYPE`` (or anything that ends in ``msgpack``) or else JSON.
        data_bytes: The most that ``data`` may take, as JSON.

    Raises:
        InvalidEvent: With the path of the first fault.
    """
    if len(body) > data_bytes + limits.EVENT_BYTES - limits.BACKEND_DATA_BYTES:
        raise InvalidEvent("", f"the event is larger than {data_bytes} bytes of data allow")
    if content_type.partition(";")[0].strip().endswith("msgpack"):
        body = _json_of_msgpack(body)
        if len(body) > limits.EVENT_BYTES:
            raise InvalidEvent("", f"as JSON larger than {limits.EVENT_BYTES} bytes")
    try:
        envelope = codec.read_json(body, Envelope)
    except MalformedMessage as error:
        at, why = codec.fault(error.why)
        raise InvalidEvent(at, why) from None
    try:
        document = parse_document(envelope.subject)
    except InvalidDocument as error:
        raise InvalidEvent("subject", str(error)) from None
    data = _checked_data(envelope, data_bytes)
    actor = None if envelope.actor is UNSET else envelope.actor
    return Event(document, envelope.id, envelope.source, envelope.type, body, actor, data)


def _checked_data(envelope: Envelope, data_bytes: int) -> bytes:
    if not TYPE.fullmatch(envelope.type):
        raise InvalidEvent("type", "letters, digits, '_' and '-', in words joined by '.'")
    data = b"" if envelope.data is UNSET else bytes(envelope.data).strip()
    if len(data) > data_bytes:
        raise InvalidEvent("data", f"larger than {data_bytes} bytes")
    if data and not data.startswith(b"{"):
        raise InvalidEvent("data", "expected an object")
    if envelope.type == CHANGE:
        try:
            codec.read_json(data or b"{}", ChangeData)
        except MalformedMessage as error:
            at, why = codec.fault(error.why)
            raise InvalidEvent(f"data.{at}" if at else "data", why) from None
    elif envelope.type.startswith(OURS) and envelope.type != RESYNC:
        raise InvalidEvent("type", f"types that begin with '{OURS}' are reserved")
    return data


def _json_of_msgpack(body: bytes) -> bytes:
    """The same event as JSON; ``bin`` becomes base64 text."""
    try:
        return msgspec.json.encode(codec.unpack(body))
    except (MalformedMessage, TypeError, ValueError, RecursionError) as error:
        raise InvalidEvent("", f"not a msgpack map: {error}") from None


def new_event(
    *,
    document: DocumentId,
    type: str,
    id: str,
    source: str,
    time: str,
    actor: str | None,
    data: bytes,
) -> Event:
    """Write a CloudEvent from its parts. ``data`` is a JSON object; ``time`` is RFC 3339 UTC."""
    attributes: dict[str, object] = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": type,
        "subject": document,
        "time": time,
    }
    if actor is not None:
        attributes["actor"] = actor
    attributes["data"] = msgspec.Raw(data or b"{}")
    return Event(document, id, source, type, msgspec.json.encode(attributes), actor, data)
