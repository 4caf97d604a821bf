"""kill -9 of each kind of process, under load."""

from __future__ import annotations

import pytest

from tests.fault.conftest import NewTrial
from tests.fault.trial import DOCUMENTS, QUIET
from tests.support.eventually import eventually

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]


@pytest.mark.long
async def test_nothing_happens_and_nothing_is_wrong(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        await it.back(it.now(), within=10, what="nothing (what it costs to wait for a change)")
        await it.go_on(20)
        await it.settle()
        assert not it.oracle.flickers


async def test_a_gateway(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        at = it.now()
        await it.kill(it.stack.gateways[0])
        await it.back(at, within=20, what="kill -9 of one of two gateways")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


async def test_the_only_hub_started_again(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        at = it.now()
        await it.kill(hub)
        await it.start(hub)
        await it.back(at, within=30, what="kill -9 of the only hub, started again at once")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_one_of_two_hubs(new_trial: NewTrial) -> None:
    async with new_trial(hubs=2) as it:
        at = it.now()
        await it.kill(it.stack.hubs[0])
        await it.back(at, within=30, what="kill -9 of one of two hubs")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_gateway_and_the_owner_together(new_trial: NewTrial) -> None:
    """Nobody who is left ever knew of all seats."""
    async with new_trial(hubs=2, gateways=3) as it:
        at = it.now()
        await it.kill(it.stack.gateways[0])
        await it.kill(it.stack.hubs[0])
        await it.back(at, within=30, what="kill -9 of a gateway and a hub together")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_two_crashes_in_a_row(new_trial: NewTrial) -> None:
    """The owner, and its successor while it takes over; a third takes all."""
    async with new_trial(hubs=3) as it:
        at = it.now()
        await it.kill(it.stack.hubs[0])
        await it.kill(it.stack.hubs[1])
        await it.back(at, within=30, what="kill -9 of two of three hubs, one right after the other")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_the_only_hub_killed_again_as_it_comes_back(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        at = it.now()
        for _ in range(2):
            await it.kill(hub)
            await it.start(hub)
        await it.back(at, within=30, what="kill -9 of the only hub, and again once it was ready")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_the_relay_in_mid_batch_with_a_long_transaction_open(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (relay,) = it.stack.relays
        async with it.writers.long_transaction(QUIET):
            await it.writers.burst(DOCUMENTS[0], 2000)
            committed = max(it.writers.committed[DOCUMENTS[0]])
            at = it.now()
            page = it.visitors[0].ledger.pages[DOCUMENTS[0]]
            await eventually(lambda: (page.version or 0) > committed - 1900)
            assert (page.version or committed) < committed, "the batch is over already"
            await it.kill(relay)
            await it.start(relay)
            what = "kill -9 of the relay amid 2,000 changes, a long transaction open, started again"
            await it.back(at, within=60, what=what)
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_the_relay_while_another_stands_by(new_trial: NewTrial) -> None:
    async with new_trial(relays=2) as it:
        at = it.now()
        await it.kill(it.stack.relays[0])
        await it.back(at, within=60, what="kill -9 of the relay that works while another stands by")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers
