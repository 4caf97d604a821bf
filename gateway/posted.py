"""Events as a backend posts them: one, or a batch that is good as a whole or not at all. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from schemas import limits
from schemas.errors import InvalidEvent
from schemas.events import BATCH_TYPE, JSON_TYPE, MSGPACK_TYPE, Event, parse_event

BATCH_EVENTS: Final = 256
BODY_BYTES: Final = limits.BODY_BYTES
"""A whole batch."""
TYPES: Final = (JSON_TYPE, "application/json", MSGPACK_TYPE, BATCH_TYPE)


class Unreadable(Exception):
    """The body is none of ``TYPES``."""


class InvalidPost(Exception):
    """An event breaks a rule; none was taken.

    Attributes:
        fault: Of the first bad event.
        index: Its place in the batch; ``None`` for a single event.
    """

    def __init__(self, fault: InvalidEvent, index: int | None) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.index = index


def read_events(body: bytes, content_type: str) -> list[Event]:
    """All events of a request's body.

    Raises:
        Unreadable: Of a type we do not read.
        InvalidPost: With the first fault.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise Unreadable(f"content-type {kind!r}: expected one of {', '.join(TYPES)}")
    if kind != BATCH_TYPE:
        return [_one(body, kind, None)]
    try:
        raws = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidPost(InvalidEvent("", f"not a JSON array: {error}"), None) from None
    if len(raws) > BATCH_EVENTS:
        raise InvalidPost(InvalidEvent("", f"at most {BATCH_EVENTS} events in a batch"), None)
    return [_one(bytes(raw), JSON_TYPE, index) for index, raw in enumerate(raws)]


def _one(body: bytes, kind: str, index: int | None) -> Event:
    try:
        return parse_event(body, kind)
    except InvalidEvent as fault:
        raise InvalidPost(fault, index) from None
