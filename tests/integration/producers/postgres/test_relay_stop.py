"""A relay that is asked to stop: nothing is left half done, and the next one goes on at once."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import asyncpg

from broker.declare import declare
from broker.memory import Bus
from producers.postgres.relay import STANDBY, Relay
from schemas import topology
from schemas.messages import Bye, read_control
from tests.integration.producers.postgres.shards import Shards, running, take_queue
from tests.support.eventually import eventually

MANY = "SELECT presently.publish('t.' || n, 'x') FROM generate_series(1, 5000) n"


def _relays(relay: Relay) -> bool:
    return relay.status.state == "relaying"


async def stopped(relay: Relay, running: asyncio.Task[None]) -> None:
    """Ask it to end, and wait until it has."""
    relay.stop()
    async with asyncio.timeout(5):
        await running


async def test_relays_stopped_in_mid_batch_publish_nothing_twice(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    await db.execute(MANY)
    relays = 0
    while not await db.fetchval("SELECT count(*) = 0 FROM presently.outbox"):
        relays += 1
        relay = Relay(database_url, bus.connect)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(relay.run())
            await eventually(partial(_relays, relay))
            await stopped(relay, running)
        await shards.take()
    assert relays > 5, "the batch was over before anybody was stopped"
    assert len(shards.arrived) == 5000
    assert len({one.message_id for one in shards.arrived}) == 5000


async def test_the_stand_by_goes_on_at_once_and_everybody_is_told(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    broker = await bus.connect("test control")
    made = topology.worker_topology("w", 1)
    await declare(broker, made)
    first, second = Relay(database_url, bus.connect), Relay(database_url, bus.connect)
    async with asyncio.TaskGroup() as tasks:
        one = tasks.create_task(first.run())
        await eventually(lambda: first.status.state == "relaying")
        two = tasks.create_task(second.run())
        await eventually(lambda: second.status.state == "standby")
        at = time.monotonic()
        await stopped(first, one)
        await eventually(lambda: second.status.state == "relaying")
        assert time.monotonic() - at < 3 * STANDBY
        await stopped(second, two)
    heard = [
        read_control(delivery.body) for delivery in await take_queue(broker, made.queues[0].name)
    ]
    assert [said.who for said in heard if isinstance(said, Bye)] == [first.name, second.name]


async def test_one_that_only_stands_by_ends_at_once(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    async with running(Relay(database_url, bus.connect)) as leads, asyncio.TaskGroup() as tasks:
        await eventually(lambda: leads.status.state == "relaying")
        second = Relay(database_url, bus.connect)
        task = tasks.create_task(second.run())
        await eventually(lambda: second.status.state == "standby")
        await stopped(second, task)
        assert leads.status.state == "relaying"
