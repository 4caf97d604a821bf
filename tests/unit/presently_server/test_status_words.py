"""The installation on one screen."""

from __future__ import annotations

from typing import Any

from presently_server.status_words import lines


def status(**changes: Any) -> dict[str, Any]:
    return {
        "gateways": [{"gateway": "g1", "connections": 3, "draining": False, "age_ms": 900}],
        "hubs": [{"worker": "h1", "shards": {"0": 1, "1": 1}, "age_ms": 1200}],
        "shards": ["h1"] * 16,
        "relays": [
            {"relay": "r1", "active": True, "backlog": 0, "lag_ms": 0, "age_ms": 0},
            {"relay": "r2", "active": False, "backlog": 0, "lag_ms": 0, "age_ms": 0},
        ],
        "broker": True,
        "dead": 0,
        **changes,
    }


def test_all_is_well() -> None:
    assert list(lines(status())) == [
        "gateways  g1: 3 connections (heard 1 s ago)",
        "hubs      h1: 2 shards (heard 1 s ago)",
        "shards    all 16 owned",
        "relays    r1: 0 rows wait (heard 0 s ago)",
        "          r2: stands by (heard 0 s ago)",
        "dead      0",
    ]


def test_what_is_wrong_stands_out_and_says_what_to_do() -> None:
    late = {"relay": "r1", "active": True, "backlog": 9, "lag_ms": 61_000, "age_ms": 0}
    said = "\n".join(
        lines(status(hubs=[], shards=[None] * 16, relays=[late], broker=False, dead=4, gateways=[]))
    )
    assert "NONE heard; start one: presently hub" in said
    assert "16 of 16 WITHOUT an owner: 00 01" in said
    assert "61.0 s BEHIND" in said
    assert "AWAY" in said
    assert "dead      4; presently tail --dead" in said


def test_without_a_broker_nobody_counts_dead_letters() -> None:
    assert not any(line.startswith("dead") for line in lines(status(broker=False, dead=None)))


def test_a_relay_that_tells_more_of_itself() -> None:
    one = {
        "relay": "r1",
        "active": True,
        "backlog": 0,
        "lag_ms": 0,
        "published": 42,
        "dead": 0,
        "resyncs": 0,
        "wake": "idle",
        "wakeups": 3,
        "age_ms": 0,
    }
    said = list(lines(status(relays=[one])))
    assert (
        said[3] == "relays    r1: 0 rows wait, 42 published, woken 3 times (idle) (heard 0 s ago)"
    )
    bad = {**one, "dead": 2, "resyncs": 1, "wake": "deaf"}
    (row,) = [line for line in lines(status(relays=[bad])) if "r1" in line]
    assert "2 DEAD; presently tail --dead, 1 RESYNCS, DEAF to writers" in row
