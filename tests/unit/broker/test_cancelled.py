"""Who is cancelled in the very moment in which the connection is lost ends all the same."""

from __future__ import annotations

import asyncio

import pytest

from broker.cancelled import end_if_asked
from broker.errors import ChannelLost
from broker.memory import Bus
from broker.port import Broker
from broker.reconnect import keep


async def test_nobody_is_ended_who_was_not_asked() -> None:
    end_if_asked()


async def test_keeping_a_connection_ends_when_asked_as_it_is_lost() -> None:
    bus = Bus()

    async def serve(broker: Broker) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail_last())
            bus.cut("it")
            running.cancel()
            await asyncio.Event().wait()

    async def fail_last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ChannelLost("with the connection")

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(keep(bus.connect, "it", serve, luck=lambda: 0.0))
    assert running.cancelled()


async def test_a_swallowed_cancellation_is_found() -> None:
    """What Python does, whichever way: the group raises its error, and we end."""

    async def swallow() -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(fail())
                await asyncio.Event().wait()
        except* ChannelLost:
            pass
        end_if_asked()
        pytest.fail("went on")

    async def fail() -> None:
        task.cancel()
        raise ChannelLost("now")

    task = asyncio.ensure_future(swallow())  # noqa: TID251
    await asyncio.wait({task})
    assert task.cancelled()
