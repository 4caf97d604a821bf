"""Neighbouring versions at work together: hubs of the next one first, and all the way back."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx
import pytest

from broker.amqp import connector
from schemas import topology
from tests.fault.conftest import NewTrial
from tests.fault.trial import Trial
from tests.support.eventually import eventually
from tests.support.next_version import Gossip
from tests.support.stack import Service, Version, get

pytestmark = [pytest.mark.rabbit, pytest.mark.postgres, pytest.mark.long]

NEXT: Final = Version("tests.support.next_version")
QUIET_LINES: Final = 400
"""A process may log so much; it hears ten times as many messages that it does not know."""


async def test_the_next_version_comes_and_goes(new_trial: NewTrial, amqp_url: str) -> None:
    async with new_trial(gateways=1, hubs=1) as it, asyncio.TaskGroup() as tasks:
        stack = it.stack
        gossip = Gossip(connector(amqp_url), addresses := await gateways(it))
        gossiping = tasks.create_task(gossip.run())
        (this_hub,), (this_gateway,) = stack.hubs, stack.gateways

        next_hub = await stack.add_hub(version=NEXT)
        await it.go_on(8)
        await it.end(this_hub)
        at = it.now()
        await it.back(at, within=20, what="hubs are of the next version, gateways of this one")
        await it.go_on(3)
        next_gateway = await stack.add_gateway(version=NEXT)
        addresses[:] = await gateways(it)
        await it.end(this_gateway)
        await it.start(this_gateway)  # Pages come to both now.
        await it.go_on(3)
        await it.start(this_hub)
        await it.go_on(8)
        await it.end(next_hub)
        at = it.now()
        await it.back(at, within=20, what="the hub is of this version again")
        await it.go_on(3)
        await it.end(next_gateway)
        gossiping.cancel()
        await it.settle()
        assert not it.oracle.reloads(it.visitors)
        assert not it.oracle.flickers

        status = await asyncio.to_thread(get, this_gateway.api, "/v1/status")
        assert status["dead"] == 0
        assert gossip.said > 10 * QUIET_LINES
        assert await unknown(this_hub) > QUIET_LINES
        assert await unknown(this_gateway) > 0
        for service in stack.services():
            assert len(service.said().splitlines()) < QUIET_LINES, service.said()[-3000:]


async def gateways(it: Trial) -> list[str]:
    """Their addresses on the bus."""
    api = it.stack.gateways[-1].api

    async def all_told() -> list[str]:
        said = (await asyncio.to_thread(get, api, "/v1/status"))["gateways"]
        assert len(said) == len(it.stack.gateways)
        return [topology.gateway_address(one["gateway"], one["term"]) for one in said]

    return await eventually(all_told, within=10)


async def unknown(service: Service) -> float:
    """How many messages of unknown kinds a process has counted."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{service.ops_port}/metrics")
    counts = [line for line in answer.text.splitlines() if "_unknown_total{" in line]
    return sum(float(line.rpartition(" ")[2]) for line in counts)
