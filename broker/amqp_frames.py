"""Messages into the bytes of AMQP 0-9-1 frames. Pure.

Written by hand for the few frames that flow all day, since building an object per frame is what
costs in a Python AMQP client. Layouts: AMQP 0-9-1 specification, §2.3.5 (frames), §4.2.6.1
(content header); class 60 is ``basic``, its methods 40 ``publish`` and 80 ``ack``.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pamqp.common import FieldTable
from pamqp.encode import field_table

from broker.limits import check_short
from broker.port import HeaderValue, Outgoing

_METHOD, _HEADER, _BODY, _END = 1, 2, 3, b"\xce"
_FRAME: Final = struct.Struct(">BHI")
_PUBLISH: Final = struct.Struct(">HHH")
_CONTENT: Final = struct.Struct(">HHQH")
_ACK: Final = struct.Struct(">BHIHHQBB")
_FRAME_BYTES: Final = 8  # a frame's own seven bytes and its end mark

_CONTENT_TYPE, _HEADERS, _DELIVERY_MODE, _MESSAGE_ID = 1 << 15, 1 << 13, 1 << 12, 1 << 7
_TRANSIENT, _PERSISTENT = b"\x01", b"\x02"


def publish(channel: int, message: Outgoing, frame_max: int) -> bytes:
    """All frames of one ``basic.publish``, never mandatory, delivery mode always given.

    Args:
        frame_max: Bytes of the largest frame agreed with the broker, 0 for no limit.

    Raises:
        ValueError: A key, content type or message id is longer than AMQP takes, or a header is of
            a type it does not know.
    """
    body = message.body
    frames = [_method(channel, message.exchange, message.key), _header(channel, message)]
    room = frame_max - _FRAME_BYTES if frame_max else len(body)
    for at in range(0, len(body), room or 1):
        part = body[at : at + room]
        frames += (_FRAME.pack(_BODY, channel, len(part)), part, _END)
    return b"".join(frames)


def ack(channel: int, upto: int) -> bytes:
    """``basic.ack`` of every delivery up to a tag."""
    return _ACK.pack(_METHOD, channel, 13, 60, 80, upto, 1, _END[0])


@lru_cache(maxsize=4096)
def _method(channel: int, exchange: str, key: str) -> bytes:
    payload = _PUBLISH.pack(60, 40, 0) + _short(exchange) + _short(key) + b"\x00"
    return _FRAME.pack(_METHOD, channel, len(payload)) + payload + _END


def _header(channel: int, message: Outgoing) -> bytes:
    flags, parts = _DELIVERY_MODE, []
    if message.content_type:
        flags |= _CONTENT_TYPE
        parts.append(_short(message.content_type))
    if message.headers:
        flags |= _HEADERS
        parts.append(_table(message.headers))
    parts.append(_PERSISTENT if message.persistent else _TRANSIENT)
    if message.message_id:
        flags |= _MESSAGE_ID
        parts.append(_short(message.message_id))
    payload = _CONTENT.pack(60, 0, len(message.body), flags) + b"".join(parts)
    return _FRAME.pack(_HEADER, channel, len(payload)) + payload + _END


def _short(text: str) -> bytes:
    check_short(text)
    raw = text.encode()
    return bytes((len(raw),)) + raw


def _table(headers: Mapping[str, HeaderValue]) -> bytes:
    table: FieldTable = {
        name: value if isinstance(value, str | int) else list(value)
        for name, value in headers.items()
    }
    try:
        return field_table(table)
    except TypeError as error:
        raise ValueError(f"a header AMQP cannot carry: {error}") from error
