"""A relay's status as metrics. The relay only keeps it; here it is read when somebody asks."""

from __future__ import annotations

from functools import partial

from prometheus_client import REGISTRY, CollectorRegistry, Gauge

from producers.postgres.relay import STATES, Relay


def register(relay: Relay, registry: CollectorRegistry = REGISTRY) -> None:
    """Make ``/metrics`` tell of this relay."""

    def gauge(name: str, about: str) -> Gauge:
        return Gauge(f"presently_relay_{name}", about, registry=registry)

    active = gauge("active", "1 while this relay carries events, 0 while it stands by or is away.")
    active.set_function(lambda: relay.status.state == "relaying")
    connected = gauge("connected", "1 while database and broker are there.")
    connected.set_function(lambda: relay.status.state != "away")
    backlog = gauge("backlog_rows", "Rows that wait in the outbox, counted up to 100,000.")
    backlog.set_function(lambda: relay.status.backlog)
    lag = gauge("lag_seconds", "Age of the oldest row that waits; 0 without any.")
    lag.set_function(lambda: relay.status.lag_ms / 1000)
    published = gauge("published_rows", "Events confirmed since the process began, repeats too.")
    published.set_function(lambda: relay.status.published)
    dead = gauge("dead_rows", "Rows that made no valid event, sent to hub.dead.")
    dead.set_function(lambda: relay.status.dead)
    delay = gauge("delay_seconds", "From writing to publishing, of the last event published.")
    delay.set_function(lambda: relay.status.delay_ms / 1000)
    resyncs = gauge("resyncs", "Times it found another database, and all was to load anew.")
    resyncs.set_function(lambda: relay.status.resyncs)
    hearing = gauge("wake_hearing", "1 while writers can wake it, see PRESENTLY_RELAY_WAKE.")
    hearing.set_function(lambda: relay.wake.hearing)
    wakeups = gauge("wakeups", "Times a writer woke this relay since the process began.")
    wakeups.set_function(lambda: relay.wake.wakeups)
    states = Gauge(
        "presently_relay_state",
        "1 at what this relay does: away, standby or relaying.",
        ["state"],
        registry=registry,
    )
    for state in STATES:
        states.labels(state).set_function(partial(_is, relay, state))


def _is(relay: Relay, state: str) -> bool:
    return relay.status.state == state
