"""What an operator can watch of a relay."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client import CollectorRegistry

from broker.memory import Bus
from presently_server.relay_metrics import register
from producers.postgres.relay import Relay


def test_its_status_is_told_as_it_is_when_asked() -> None:
    relay, registry = Relay("postgresql://", Bus().connect), CollectorRegistry()
    register(relay, registry)

    def told(name: str) -> float | None:
        return registry.get_sample_value(f"presently_relay_{name}")

    assert (told("active"), told("connected"), told("lag_seconds")) == (0, 0, 0)
    relay.status = replace(relay.status, state="relaying", backlog=7, lag_ms=1500, published=3)
    assert (told("active"), told("connected"), told("lag_seconds")) == (1, 1, 1.5)
    assert (told("backlog_rows"), told("published_rows"), told("dead_rows")) == (7, 3, 0)
    relay.status = replace(relay.status, delay_ms=250, resyncs=2)
    relay.wake.wakeups, relay.wake.hearing = 5, True
    assert (told("delay_seconds"), told("resyncs")) == (0.25, 2)
    assert (told("wakeups"), told("wake_hearing")) == (5, 1)
    states = {
        state: registry.get_sample_value("presently_relay_state", {"state": state})
        for state in ("away", "standby", "relaying")
    }
    assert states == {"away": 0, "standby": 0, "relaying": 1}
