"""Processes that live and cannot speak: lines that are cut, stalled, one-way; machines that vanish
without a word."""

from __future__ import annotations

import asyncio

import pytest

from tests.fault.conftest import NewTrial

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres]


@pytest.mark.long
async def test_the_only_hub_cut_off_for_two_seconds(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        (hub,) = it.stack.hubs
        at = it.now()
        it.line(hub).cut()
        await asyncio.sleep(2)
        restored = it.now()
        it.line(hub).restore()
        await it.back(at, within=30)
        await it.back(restored, within=30, what="the only hub cut from the broker for 2 s, since")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


async def test_one_of_two_hubs_cut_off(new_trial: NewTrial) -> None:
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.line(hub).cut()
        await it.back(at, within=30, what="one of two hubs cut from the broker")
        it.line(hub).restore()
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_a_gateway_cut_off_for_two_seconds(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        gateway = it.stack.gateways[0]
        it.line(gateway).cut()
        await asyncio.sleep(2)
        restored = it.now()
        it.line(gateway).restore()
        await it.back(restored, within=30, what="a gateway cut from the broker for 2 s, since")
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers


@pytest.mark.long
async def test_a_stalled_line_between_a_hub_and_the_broker(new_trial: NewTrial) -> None:
    """Nothing ends, nothing comes: both sides learn it by missing heartbeats."""
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.line(hub).stall()
        what = "the line between one of two hubs and the broker stalled without a word"
        await it.back(at, within=60, what=what)
        it.line(hub).restore()
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_a_hub_deaf_for_20_s(new_trial: NewTrial) -> None:
    """What it says arrives, its heartbeats too; it hears nothing. The broker sees nothing wrong."""
    async with new_trial(hubs=2) as it:
        hub = it.stack.hubs[0]
        at = it.now()
        it.line(hub).stall(inward=True, onward=False)
        await it.back(at, within=60, what="one of two hubs deaf")
        await asyncio.sleep(max(0, at + 20 - it.now()))
        it.line(hub).restore()
        await it.go_on()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)


@pytest.mark.long
async def test_a_gateway_deaf_for_20_s(new_trial: NewTrial) -> None:
    async with new_trial() as it:
        line = it.line(it.stack.gateways[0])
        at = it.now()
        line.stall(inward=True, onward=False)
        await asyncio.sleep(max(0, at + 20 - it.now()))
        restored = it.now()
        line.restore()
        await it.back(restored, within=60, what="a gateway deaf for 20 s, since")
        await it.go_on()
        await it.settle()


@pytest.mark.long
async def test_a_gateway_mute_for_20_s(new_trial: NewTrial) -> None:
    """It hears everything and nobody hears it: it is counted lost, and wrongly."""
    async with new_trial() as it:
        line = it.line(it.stack.gateways[0])
        at = it.now()
        line.stall(inward=False, onward=True)
        await asyncio.sleep(max(0, at + 20 - it.now()))
        restored = it.now()
        line.restore()
        await it.back(restored, within=60, what="a gateway mute for 20 s, since")
        await it.go_on()
        await it.settle()


@pytest.mark.long
async def test_a_machine_lost_without_a_word(new_trial: NewTrial) -> None:
    """A hub and a gateway die on it; no connection of theirs is ever ended, no browser's either."""
    async with new_trial(hubs=2, doors=True) as it:
        gateway, hub = it.stack.gateways[0], it.stack.hubs[0]
        others = [visitor for visitor in it.visitors if visitor.at != gateway.url]
        at = it.now()
        for line in (it.line(gateway), it.line(hub), it.door(gateway)):
            line.stall()
        await it.kill(gateway)
        await it.kill(hub)
        what = "a machine with a hub and a gateway lost without FIN: browsers of other gateways"
        await it.back(at, within=60, what=what, visitors=others)
        what = "… and its own browsers, who notice by 35 s of silence"
        await it.back(at, within=120, what=what)
        for line in (it.line(gateway), it.line(hub), it.door(gateway)):
            line.cut()
        await it.go_on()
        await it.settle()
