"""``GET /v1/status`` on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

LATE_MS: Final = 5_000
"""A relay further behind than this is worth a word."""


def lines(status: Mapping[str, Any]) -> Iterator[str]:
    """A line for each service, then shards, broker and dead letters, with what to do."""
    yield from _section(
        "gateways", [_gateway(one) for one in status["gateways"]], "presently gateway"
    )
    yield from _section("hubs", [_hub(one) for one in status["hubs"]], "presently hub")
    yield _shards(status["shards"])
    yield from _section("relays", [_relay(one) for one in status["relays"]], "presently relay")
    if not status["broker"]:
        yield "broker    AWAY: the gateway is trying to reach it"
    dead = status["dead"]
    if dead is not None:
        yield f"dead      {dead}{'; presently tail --dead shows them' if dead else ''}"


def _section(title: str, rows: Sequence[str], command: str) -> Iterator[str]:
    """Rows under a title that is written once."""
    for place, row in enumerate(rows or [f"NONE heard; start one: {command}"]):
        yield f"{title if place == 0 else '':<9} {row}"


def _gateway(one: Mapping[str, Any]) -> str:
    draining = ", draining" if one["draining"] else ""
    return f"{one['gateway']}: {one['connections']} connections{draining}{_age(one)}"


def _hub(one: Mapping[str, Any]) -> str:
    return f"{one['worker']}: {len(one['shards'])} shards{_age(one)}"


def _relay(one: Mapping[str, Any]) -> str:
    if not one["active"]:
        return f"{one['relay']}: stands by{_age(one)}"
    late = ""
    if one["backlog"]:
        late = f", the oldest for {one['lag_ms'] / 1000:.1f} s"
    if one["lag_ms"] > LATE_MS:
        late = f", {one['lag_ms'] / 1000:.1f} s BEHIND"
    told = [f"{one['published']} published"] if "published" in one else []
    told += [f"{one['dead']} DEAD; presently tail --dead"] if one.get("dead") else []
    told += [f"{one['resyncs']} RESYNCS"] if one.get("resyncs") else []
    wake = one.get("wake", "off")
    if wake == "deaf":
        told.append("DEAF to writers, its log says why")
    elif wake != "off":
        told.append(f"woken {one['wakeups']} times ({wake})")
    more = "".join(f", {each}" for each in told)
    return f"{one['relay']}: {one['backlog']} rows wait{late}{more}{_age(one)}"


def _shards(owners: Sequence[str | None]) -> str:
    without = [f"{slot:02d}" for slot, owner in enumerate(owners) if owner is None]
    if not without:
        return f"shards    all {len(owners)} owned"
    return f"shards    {len(without)} of {len(owners)} WITHOUT an owner: {' '.join(without)}"


def _age(one: Mapping[str, Any]) -> str:
    return f" (heard {one['age_ms'] / 1000:.0f} s ago)"
