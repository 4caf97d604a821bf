"""Bytes and messages. The only file that knows msgpack; JSON is msgspec's.

Whatever bytes arrive, the answer is a message or ``MalformedMessage`` (for a browser's frame,
``schemas.frames.BadFrame``), never anything else. Limits come first: no body makes us allocate
more than a small multiple of its own length.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, TypeVar

import msgpack
import msgspec

from schemas import limits
from schemas.errors import MalformedMessage
from schemas.unknown import around

MSGPACK: Final = "application/msgpack"
JSON: Final = "application/json"

T = TypeVar("T")
_WHERE: Final = re.compile(r"(?P<why>.*) - at `\$(?P<at>.*)`")
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>.*)`")


def pack(message: msgspec.Struct) -> bytes:
    """A message as the bus carries it."""
    packed: bytes = msgpack.packb(
        msgspec.to_builtins(message, builtin_types=(bytes,)), use_bin_type=True
    )
    return packed


def unpack(body: bytes) -> Any:
    """Plain values out of msgpack: maps with string keys, no extension types, bounded.

    Raises:
        MalformedMessage: It is no msgpack, or passes a limit.
    """
    size = len(body)
    if size > limits.BUS_BYTES:
        raise MalformedMessage(f"larger than {limits.BUS_BYTES} bytes", size)
    try:
        return msgpack.unpackb(
            body,
            raw=False,
            strict_map_key=True,
            max_str_len=size,
            max_bin_len=size,
            max_array_len=size,
            max_map_len=size,
            max_ext_len=0,
        )
    except (msgpack.UnpackException, ValueError, TypeError, RecursionError) as error:
        raise MalformedMessage(f"not msgpack: {type(error).__name__} {error}", size) from None


def read(body: bytes, kind: type[T]) -> T:
    """A bus message of the given type (a struct or a tagged union) out of msgpack.

    Raises:
        MalformedMessage: It is none. Says where.
    """
    value: T = read_any(body, kind)
    return value


def read_any(body: bytes, kind: Any) -> Any:
    """``read`` for what the type system calls no class: a tagged union.

    What is of a kind that only another version knows is ``Unknown`` where ``kind`` has that.

    Raises:
        MalformedMessage: It is none. Says where.
    """
    plain = unpack(body)
    try:
        return msgspec.convert(plain, kind, builtin_types=(bytes,))
    except (msgspec.ValidationError, RecursionError):
        pass
    try:
        return msgspec.convert(around(plain, kind), kind, builtin_types=(bytes,))
    except (msgspec.ValidationError, RecursionError) as error:
        raise MalformedMessage(str(error), len(body)) from None


def read_ours(body: bytes, kind: Any) -> Any:
    """``read_any`` for what we wrote ourselves and read by the thousand: quicker where it is as we
    know it, the same where it is not.

    Raises:
        MalformedMessage: As there.
    """
    try:
        return _decoder(kind).decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return read_any(body, kind)


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


def read_json(body: bytes | str, kind: type[T]) -> T:
    """A value of the given type out of JSON.

    Raises:
        MalformedMessage: It is none, or not UTF-8. Says where.
    """
    try:
        if isinstance(body, bytes):
            body.decode("utf-8")
        return msgspec.json.decode(body, type=kind)
    except UnicodeError:
        raise MalformedMessage("not UTF-8", len(body)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedMessage(str(error), len(body)) from None


write_json: Final = msgspec.json.encode
"""A value as JSON bytes."""


def fault(why: str) -> tuple[str, str]:
    """Split msgspec's "what - at `$.path`" into the path (``data.op``) and what is wrong."""
    match = _WHERE.fullmatch(why)
    at, why = (match["at"].lstrip("."), match["why"]) if match else ("", why)
    if missing := _MISSING.fullmatch(why):
        return ".".join(filter(None, (at, missing["name"]))), "missing"
    return at, why
