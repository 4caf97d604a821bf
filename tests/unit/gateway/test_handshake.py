from __future__ import annotations

from unittest.mock import Mock

import pytest
import structlog
from websockets.datastructures import Headers
from websockets.http11 import Request

from gateway import reader
from gateway.handshake import Origins, early_token


@pytest.mark.parametrize(
    ("origin", "host", "admitted"),
    [
        (None, "live.example.com", True),
        ("https://live.example.com", "live.example.com", True),
        ("https://live.example.com", "live.example.com:443", True),
        ("http://localhost:8001", "localhost:8001", True),
        ("https://Live.Example.com", "live.example.com", True),
        ("http://[::1]:8001", "[::1]:8001", True),
        ("https://evil.example", "live.example.com", False),
        ("http://localhost:8000", "localhost:8001", False),
        ("https://live.example.com.evil.example", "live.example.com", False),
        ("https://live.example.com@evil.example", "live.example.com", False),
        ("null", "live.example.com", False),
        ("", "live.example.com", False),
        ("https://live.example.com", None, False),
        ("https://x:99999", "x", False),
        ("file://live.example.com", "live.example.com", False),
    ],
)
def test_our_own_host_is_admitted(origin: str | None, host: str | None, admitted: bool) -> None:
    assert Origins([]).admits(origin, host) is admitted


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        ("http://localhost:8000", True),
        ("http://localhost:5173", True),
        ("http://localhost", False),
        ("https://app.example.com", True),
        ("https://app.example.com:8443", False),
        ("https://app-example.com", False),
        ("http://localhostx:1", False),
    ],
)
def test_patterns_admit_others(origin: str, admitted: bool) -> None:
    origins = Origins(["http://localhost:*", "https://app.example.com"])
    assert origins.admits(origin, "live.example.com") is admitted


def test_a_star_admits_everybody() -> None:
    assert Origins(["*"]).admits("null", None)


def test_a_token_may_come_with_the_handshake() -> None:
    assert early_token("Bearer abc", "") == "abc"
    assert early_token("", "presently.v1.json, bearer.a.b.c") == "a.b.c"
    assert early_token("Basic abc", "presently.v1.json") is None
    assert early_token("Bearer ", "") is None


def test_refused_origins_get_so_many_log_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ORIGINS_LOGGED", 2)
    door = reader.Doorkeeper(Origins([]), lambda: False)
    refused = Mock()
    with structlog.testing.capture_logs() as lines:
        for n in range(5):
            door(refused, Request("/", Headers({"Origin": f"https://evil{n}.example"})))
    assert len(lines) == 2
    assert refused.respond.call_count == 5
