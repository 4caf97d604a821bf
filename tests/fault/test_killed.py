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
        await it.back(it.now(), within=10, what="nothing")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.flickers


async def test_a_gateway(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        at = it.now()
        await it.kill(it.stack.gateways[0])
        await it.back(at, within=20, what="kill -9 of a gateway")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.flickers


async def test_the_only_hub_started_again(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        at = it.now()
        await it.kill(hub)
        await it.start(hub)
        await it.back(at, within=30, what="kill -9 of the only hub, started again at once")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_one_of_two_hubs(new_trial: NewTrial) -> None:
    async with new_trial(hubs=2) as it:
        for hub in it.stack.hubs[:1]:
            at = it.now()
            await it.kill(hub)
            await it.back(at, within=30, what="kill -9 of one of two hubs")
        await it.changes(200)
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
            await it.back(at, within=60, what="kill -9 of the relay amid 2,000 changes")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
