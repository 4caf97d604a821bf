"""The hub's end of the bus: what arrived in the shards' queues, as a hub would take it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from broker.declare import declare
from broker.port import Broker, Connect, Delivery
from producers.postgres.relay import Relay
from schemas import topology
from schemas.ids import SLOTS


@dataclass(frozen=True)
class Arrived:
    """One message in a shard's queue."""

    key: str
    message_id: str
    event: Mapping[str, Any]

    @property
    def document(self) -> str:
        return str(self.event["subject"])


async def declare_installation(broker: Broker) -> None:
    """What a hub declares when it starts."""
    await declare(broker, topology.installation())


async def take_queue(broker: Broker, queue: str) -> list[Delivery]:
    """All that waits in a queue now, acknowledged."""
    taken: list[Delivery] = []
    waiting = await broker.depth(queue)
    async with await broker.open() as channel:
        inbox = await channel.consume(queue, prefetch=256)
        while len(taken) < waiting:
            taken += await inbox.take()
            inbox.ack(taken[-1].tag)
    return taken


class Shards:
    """All sixteen queues; remembers what was taken."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self.arrived: list[Arrived] = []

    async def take(self) -> list[Arrived]:
        """Take what is there; returns everything taken so far."""
        broker = await self._connect("test shards")
        try:
            for slot in range(SLOTS):
                for delivery in await take_queue(broker, topology.shard_queue(slot)):
                    event = json.loads(delivery.body)
                    self.arrived.append(Arrived(delivery.key, delivery.message_id, event))
        finally:
            await broker.close()
        return self.arrived

    async def documents(self) -> list[str]:
        """Their documents, sorted."""
        return sorted(one.document for one in await self.take())


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    """The relay in a task; cancelled, as if killed, at the end."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(relay.run())
        try:
            yield relay
        finally:
            task.cancel()
