"""Bytes and messages."""

from __future__ import annotations

import msgpack
import pytest

from schemas import codec, limits
from schemas.errors import MalformedMessage
from schemas.presence import Position


def test_a_message_survives_the_bus() -> None:
    assert codec.read(codec.pack(Position("k3", 118)), Position) == Position("k3", 118)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        b"\x81",
        b"{}",
        codec.pack(Position("k", 1)) + b"\x00",
        msgpack.packb({1: "a number for a key"}),
        msgpack.packb({"epoch": msgpack.ExtType(4, b"x"), "seq": 1}),
        msgpack.packb({"epoch": "k", "seq": "one"}),
        msgpack.packb({"epoch": "k"}),
        msgpack.packb([1, 2]),
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 5000,
    ],
    ids=lambda body: body[:8].hex(),
)
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        codec.read(body, Position)
    assert caught.value.size == len(body)


def test_a_body_over_the_limit_is_not_even_looked_at() -> None:
    with pytest.raises(MalformedMessage, match="larger than"):
        codec.unpack(b"\xc0" * (limits.BUS_BYTES + 1))


def test_json_must_be_utf8() -> None:
    with pytest.raises(MalformedMessage, match="UTF-8"):
        codec.read_json(b'{"epoch":"\xff","seq":1}', Position)


def test_a_fault_is_split_into_where_and_what() -> None:
    with pytest.raises(MalformedMessage) as caught:
        codec.read_json(b'{"epoch":"k","seq":"x"}', Position)
    assert codec.fault(caught.value.why) == ("seq", "Expected `int`, got `str`")
    with pytest.raises(MalformedMessage) as caught:
        codec.read_json(b'{"epoch":"k"}', Position)
    assert codec.fault(caught.value.why) == ("seq", "missing")
    assert codec.fault("no idea") == ("", "no idea")
