"""What strangers may put into a message, read without fail.

RabbitMQ checks neither that a short string (a key, a content type, a message id) is text nor what a
header says. pamqp does, and what it refuses ends the connection that was to deliver it: the message
comes back, ends the next connection, and so on for all that share the queue. Here everything that
reaches us has a value, so that a service can say what is wrong with the message, and bury it. The
same holds for the broker's own words, which it cuts to 255 bytes within a character.

Layouts: AMQP 0-9-1 specification, §4.2.5, and RabbitMQ's list of the types it writes in tables
(https://www.rabbitmq.com/docs/amqp-0-9-1-errata, section 3).
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Final

from pamqp import decode
from pamqp.common import FieldArray, FieldTable, FieldValue

from broker.limits import SHORT_BYTES

DEPTH: Final = 16
"""Tables within tables that are looked into; what lies deeper reads ``None``. A frame has room for
20,000, more than Python's stack."""

_LENGTH: Final = struct.Struct(">I")
_WITH_LENGTH: Final = (b"S", b"x", b"F", b"A")
_FIXED_BYTES: Final = 8  # the longest value that does not say how long it is


def tolerate() -> None:
    """Have pamqp read these types as below, in the whole process.

    It offers no narrower way: its frames look their decoders up in this table. Valid values read
    as before. Doing it twice is harmless.
    """
    decode.METHODS.update(shortstr=short_string, table=table, timestamp=timestamp)


def short_string(value: bytes) -> tuple[int, str]:
    """Bytes used, and the text; bytes that are no text read ``\ufffd``.

    That takes more bytes than it stands for, so the end is cut: the text can be sent on.
    """
    if not value:
        raise ValueError("a short string without a length")
    used = 1 + value[0]
    raw = value[1:used]
    try:
        return used, raw.decode()
    except UnicodeDecodeError:
        read = raw.decode(errors="replace").encode()
        return used, read[:SHORT_BYTES].decode(errors="ignore")


def timestamp(value: bytes) -> tuple[int, FieldValue]:
    """Bytes used, and the time; ``None`` if it is beyond the calendar."""
    try:
        return decode.timestamp(value)
    except (ValueError, OverflowError, OSError):
        return 8, None


def table(value: bytes) -> tuple[int, FieldTable]:
    """Bytes used, and the fields. After one of a type nobody knows, the rest is left out."""
    if len(value) < _LENGTH.size:
        raise ValueError("a table without a length")
    end = _LENGTH.size + _LENGTH.unpack_from(value)[0]
    return end, _fields(value, _LENGTH.size, min(end, len(value)), 1)


def _fields(raw: bytes, at: int, end: int, depth: int) -> FieldTable:
    fields: FieldTable = {}
    with suppress(ValueError, struct.error):
        while at < end:
            used, name = short_string(raw[at : min(end, at + 1 + SHORT_BYTES)])
            at, fields[name] = _value(raw, at + used, end, depth)
    return fields


def _items(raw: bytes, at: int, end: int, depth: int) -> FieldArray:
    items: FieldArray = []
    with suppress(ValueError, struct.error):
        while at < end:
            at, item = _value(raw, at, end, depth)
            items.append(item)
    return items


def _value(raw: bytes, at: int, end: int, depth: int) -> tuple[int, FieldValue]:
    """Where the next one begins, and this one."""
    kind = raw[at : at + 1]
    at += 1
    if kind not in _WITH_LENGTH:
        return _fixed(kind, raw, at, end)
    begin = at + _LENGTH.size
    end_here = begin + _LENGTH.unpack_from(raw, at)[0]
    if end_here > end:
        raise ValueError("longer than what it is in")
    value: FieldValue = None
    if kind == b"S":
        value = raw[begin:end_here].decode(errors="replace")
    elif kind == b"x":
        value = bytearray(raw[begin:end_here])
    elif depth < DEPTH:
        within = _fields if kind == b"F" else _items
        value = within(raw, begin, end_here, depth + 1)
    return end_here, value


def _fixed(kind: bytes, raw: bytes, at: int, end: int) -> tuple[int, FieldValue]:
    read = timestamp if kind == b"T" else decode.TABLE_MAPPING.get(kind)
    if read is None:
        raise ValueError(f"no such type: {kind!r}")
    used, value = read(raw[at : min(end, at + _FIXED_BYTES)])
    return at + used, value
