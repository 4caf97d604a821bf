"""Processes that live and cannot speak: cut lines, stalled lines, SIGSTOP."""

from __future__ import annotations

import asyncio

import pytest

from tests.fault.conftest import NewTrial

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]


async def test_the_only_hub_cut_off_for_two_seconds(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        at = it.now()
        it.line(hub).cut()
        await asyncio.sleep(2)
        restored = it.now()
        it.line(hub).restore()
        await it.back(at, within=30, what="a hub was cut off for 2 s")
        await it.back(restored, within=30, what="and is back")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_gateway_cut_off_for_two_seconds(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        gateway = it.stack.gateways[0]
        it.line(gateway).cut()
        await asyncio.sleep(2)
        restored = it.now()
        it.line(gateway).restore()
        await it.back(restored, within=30, what="a gateway cut off for 2 s is back")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


async def test_a_stalled_line_between_the_working_hub_and_the_broker(new_trial: NewTrial) -> None:
    """Nothing ends, nothing comes: both sides learn it by missing heartbeats."""
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.line(hub).stall()
        await it.back(at, within=60, what="the line of one of two hubs was stalled")
        it.line(hub).restore()
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_a_hub_stopped_for_15_s_that_wakes(new_trial: NewTrial) -> None:
    """The other one takes over; what the sleeper then tries to write counts no more."""
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.pause(hub)
        try:
            await it.back(at, within=60, what="SIGSTOP of one of two hubs")
            await asyncio.sleep(max(0, at + 15 - it.now()))
        finally:
            it.wake(hub)
        woke = it.now()
        await it.back(woke, within=30, what="it woke")
        await it.changes(200)
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
                await it.back(it.now(), within=30, what=f"a hub stalled for {seconds} s")
        await it.changes(200)
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
        await it.back(woke, within=60, what="the only hub woke after 15 s of SIGSTOP")
        await it.changes(200)
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
