"""Errors carry facts."""

from __future__ import annotations

from schemas.errors import ErrorCode, InvalidEvent, MalformedMessage


def test_exactly_three_codes_are_temporary() -> None:
    assert {code for code in ErrorCode if code.temporary} == {
        ErrorCode.RATE_LIMITED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.TIMEOUT,
    }


def test_errors_print_what_they_carry() -> None:
    assert str(InvalidEvent("data.op", "expected one of c, u, d")) == (
        "data.op: expected one of c, u, d"
    )
    assert str(MalformedMessage("not msgpack", 12)) == "not msgpack (12 bytes)"


def test_what_they_quote_is_cut() -> None:
    long = "x" * 100_000
    assert len(str(MalformedMessage(long, 1))) < 600
    assert len(str(InvalidEvent(long, long))) < 1100
