"""A broker in an alarm: it takes nothing from whoever publishes, and goes on where it stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from broker.amqp import connector
from broker.port import Outgoing
from tests.support.brokers import numbers, publish, queue, some
from tests.support.eventually import eventually
from tests.support.rabbit import Rabbit

pytestmark = pytest.mark.rabbit

TIMEOUT = 0.5
"""Of the connections here: an alarm lasts longer."""


@contextlib.asynccontextmanager
async def alarm(rabbit: Rabbit) -> AsyncIterator[None]:
    await asyncio.to_thread(rabbit.eval, "vm_memory_monitor:set_vm_memory_high_watermark(0.0001)")
    try:
        yield
    finally:
        await asyncio.to_thread(rabbit.eval, "vm_memory_monitor:set_vm_memory_high_watermark(0.4)")


async def test_what_is_sent_waits_for_the_end_of_an_alarm(
    restartable_rabbit: Rabbit, restartable_amqp_url: str
) -> None:
    broker = await connector(restartable_amqp_url, timeout=TIMEOUT)("it")
    await broker.declare([queue("quorum", "q")])
    channel = await broker.open()
    async with asyncio.TaskGroup() as tasks, alarm(restartable_rabbit):
        last = await channel.send([Outgoing("", "q", b"1")])
        confirming = tasks.create_task(channel.confirmed(last))
        asking = tasks.create_task(broker.depth("q"))
        await eventually(lambda: broker.held, what="the alarm is heard of")
        done, _ = await asyncio.wait({confirming, asking}, timeout=3 * TIMEOUT)
        assert not done
        assert not broker.lost
    assert confirming.done()
    await eventually(lambda: not broker.held)
    await publish(channel, Outgoing("", "q", b"2"))
    await broker.close()


async def test_a_connection_of_its_own_hears_all_the_same(
    restartable_rabbit: Rabbit, restartable_amqp_url: str
) -> None:
    up, down = [await connector(restartable_amqp_url)(name) for name in ("up", "down")]
    await up.declare([queue("classic", "q")])
    channel = await up.open()
    await publish(channel, *(Outgoing("", "q", each.encode()) for each in numbers(1, 300)))
    async with alarm(restartable_rabbit):
        await channel.send([Outgoing("", "q", b"301")])
        await eventually(lambda: up.held)
        inbox = await (await down.open()).consume("q", prefetch=100)
        got: list[str] = []
        while len(got) < 300:
            taken = await some(inbox)
            got += [delivery.body.decode() for delivery in taken]
            inbox.ack(taken[-1].tag)
        assert got == numbers(1, 300)
        assert not down.held
    assert [each.body for each in await some(inbox)] == [b"301"]
    await up.close()
    await down.close()


async def test_a_connection_may_be_closed_in_an_alarm(
    restartable_rabbit: Rabbit, restartable_amqp_url: str
) -> None:
    broker = await connector(restartable_amqp_url)("it")
    await broker.declare([queue("classic", "q")])
    channel, other = await broker.open(), await broker.open()
    async with alarm(restartable_rabbit):
        await channel.send([Outgoing("", "q", b"1")])
        await eventually(lambda: broker.held)
        async with asyncio.timeout(15):
            await other.close()
            await broker.close()
    assert broker.lost
