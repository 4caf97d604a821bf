"""SIGSTOP: processes that stand still, are taken for dead, and wake."""

from __future__ import annotations

import asyncio

import pytest

from tests.fault.conftest import NewTrial

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]


async def test_a_hub_stopped_for_60_s_that_wakes(new_trial: NewTrial) -> None:
    """The other one takes over; what the sleeper then tries to write counts no more."""
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.pause(hub)
        try:
            await it.back(at, within=60, what="SIGSTOP of one of two hubs")
            await asyncio.sleep(max(0, at + 60 - it.now()))
        finally:
            it.wake(hub)
        woke = it.now()
        await it.back(woke, within=30, what="… and it wakes after 60 s")
        await it.go_on(15)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.parametrize("seconds", [4, 8])
async def test_a_hub_that_stalls_while_the_machine_is_busy(
    new_trial: NewTrial, seconds: float
) -> None:
    """The broker gives it up after 6 to 9 s, perhaps needlessly. Nobody may be able to tell."""
    async with new_trial(hubs=2) as it:
        for _ in range(2):
            for hub in it.stack.hubs:
                it.pause(hub)
                await asyncio.sleep(seconds)
                it.wake(hub)
                await it.back(it.now(), within=30, what=f"a hub stalled for {seconds} s, since")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


async def test_the_only_hub_stopped_for_15_s_that_wakes(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        it.pause(hub)
        try:
            await asyncio.sleep(15)
        finally:
            it.wake(hub)
        woke = it.now()
        await it.back(woke, within=60, what="the only hub wakes after 15 s of SIGSTOP, since")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_gateway_falsely_dead_for_25_s(new_trial: NewTrial) -> None:
    """It is counted lost and leaves are made up for its people; it wakes and tells its seats."""
    async with new_trial(hubs=2) as it:
        gateway = it.stack.gateways[0]
        it.pause(gateway)
        try:
            await asyncio.sleep(25)
        finally:
            it.wake(gateway)
        woke = it.now()
        await it.back(woke, within=60, what="a gateway wakes after 25 s of SIGSTOP, since")
        await it.go_on()
        await it.settle()


async def test_the_relay_stopped_for_30_s_that_wakes(new_trial: NewTrial) -> None:
    """The one that stands by takes over; the sleeper finds that it has lost its lock."""
    async with new_trial(relays=2) as it:
        relay = it.stack.relays[0]
        at = it.now()
        it.pause(relay)
        try:
            await it.back(at, within=60, what="SIGSTOP of the relay while another stands by")
            await asyncio.sleep(max(0, at + 30 - it.now()))
        finally:
            it.wake(relay)
        await it.go_on(10)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers
