"""The uplink on a broker that refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from broker.declare import declare
from broker.errors import ChannelLost
from broker.memory import Bus
from broker.port import Broker, Outgoing
from gateway.outbox import Outbox
from gateway.uplink import Uplink
from schemas import topology
from tests.support.eventually import eventually


@asynccontextmanager
async def serving(broker: Broker, uplink: Uplink, outbox: Outbox) -> AsyncIterator[None]:
    """An uplink at work on one connection."""
    await declare(broker, topology.installation())
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(uplink.serve(broker, outbox.term + 1))
        await eventually(lambda: outbox.up)
        yield
        task.cancel()


async def test_a_refused_post_costs_the_next_ones_nothing() -> None:
    outbox = Outbox("g", lambda slot: ([], [], []))
    uplink = Uplink(outbox, time.time)
    broker = await Bus().connect("up")
    async with serving(broker, uplink, outbox):
        good = Outgoing(topology.IN, ":03.article.42", b"{}")
        await uplink.post([good])
        with pytest.raises(ChannelLost):
            await uplink.post([Outgoing("nowhere", "", b"{}")])
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(uplink.post([good]))
        assert outbox.up
    await broker.close()
