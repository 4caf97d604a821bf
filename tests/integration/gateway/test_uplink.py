"""The uplink on a broker that refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from broker.declare import declare
from broker.errors import ChannelLost
from broker.memory import Bus
from broker.port import Broker, Outgoing
from gateway.outbox import Outbox
from gateway.uplink import Uplink
from schemas import topology
from schemas.messages import Connected
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


async def test_a_life_is_told_again_unless_it_was_confirmed() -> None:
    outbox = Outbox("g", lambda slot: ([], [], []))
    uplink = Uplink(outbox, time.time)
    said = Connected(connection="c.1", user="fry", gateway="g", at=0, name="Fry")
    broker = await Bus().connect("up")
    async with serving(broker, uplink, outbox):
        outbox.life(said)
        await uplink.settled()
        outbox.life(msgspec.structs.replace(said, connection="c.2"))
        outbox.take(0)
    await broker.close()
    outbox.connected(2)
    again = [message.key for message in outbox.take(0)]
    assert [key for key in again if key.startswith("connect")] == ["connect.c.2"]
