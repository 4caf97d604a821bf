"""A deploy: every process ended and started again, one after another, hubs first, under load."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from gateway.drain import LAST_S
from tests.fault.balancer import Balancer, knocking
from tests.fault.conftest import NewTrial
from tests.fault.trial import Trial
from tests.support.stack import Gateway

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

DELAY_S, WINDOW_S = 1.0, 4.0
DRAIN = {"PRESENTLY_DRAIN_DELAY": f"{DELAY_S}s", "PRESENTLY_DRAIN_WINDOW": f"{WINDOW_S}s"}
HANDSHAKE_S = 0.2
"""Who knocks within this before the listener closes may be too late."""
TENTHS = 10
CROWD = 3.0
"""So many times its share of those who come back may a tenth of the window have."""


async def test_every_process_in_turn(new_trial: NewTrial) -> None:
    balancer = Balancer()
    settings = {"settings": DRAIN, "choose": balancer.choose}
    async with (
        new_trial(gateways=3, hubs=2, relays=2, **settings) as it,
        balancer.looking(it.stack),
    ):
        for service in [*it.stack.hubs, *it.stack.relays]:
            at = it.now()
            await it.end(service)
            took = it.now() - at
            await it.start(service)
            await it.go_on(5)
            print(f"{service.name} ended in {took:.2f} s, changes then took {delays(it, at)}")
        spread = Counter[int]()
        for gateway in it.stack.gateways:
            spread += await restarted(it, gateway)
        await it.go_on(5)
        print(f"came back by tenth of the window: {[spread[n] for n in range(TENTHS + 2)]}")
        await it.settle()
        assert not it.oracle.flickers
        assert not it.oracle.reloads(it.visitors)
        assert spread.total() >= len(it.visitors)
        share = spread.total() / TENTHS
        assert max(spread.values()) <= CROWD * share, "they came back in a crowd"


async def restarted(it: Trial, gateway: Gateway) -> Counter[int]:
    """A gateway ended and started again: in which tenth of the window its pages came back."""
    at = it.now()
    async with knocking(gateway) as knocks:
        await it.end(gateway)
    took = it.now() - at
    early = [second for second in knocks.refused if second < DELAY_S - HANDSHAKE_S]
    assert not early, f"{gateway.name} refused somebody during its drain delay: {early}"
    assert any(second > DELAY_S / 2 for second in knocks.let_in), "nobody knocked late"
    assert DELAY_S <= took < DELAY_S + WINDOW_S + LAST_S
    window = at + DELAY_S
    back = [when - window for each in it.visitors for when in each.returns if when > at]
    started = it.now()
    await it.start(gateway)
    print(
        f"{gateway.name} ended in {took:.2f} s, let {len(knocks.let_in)} in after SIGTERM, "
        f"{len(back)} pages came back between {min(back):.2f} and {max(back):.2f} s of the window; "
        f"ready again {it.now() - started:.2f} s after its start; changes took {delays(it, at)}"
    )
    await it.steady()
    return Counter(min(int(second / WINDOW_S * TENTHS), TENTHS + 1) for second in back)


def delays(it: Trial, since: float) -> str:
    """How long changes committed since then took to a page that had to hear of them."""
    took = [
        arrived - it.writers.committed[document][version]
        for each in it.visitors
        for (document, version), arrived in each.ledger.arrivals.items()
        if it.writers.committed.get(document, {}).get(version, 0.0) > since
    ]
    return f"{statistics.median(took) * 1000:.0f} ms in the median, {max(took):.2f} s at worst"
