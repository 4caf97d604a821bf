"""The hub's end of the bus: what arrived in the shards' queues, as a hub would take it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.port import Binding, Broker, Connect, Delivery, ExchangeSpec, QueueSpec
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
    all_of_it = topology.installation()
    await broker.declare(
        [QueueSpec(queue.name, queue.arguments) for queue in all_of_it.queues],
        [
            ExchangeSpec(
                each.name, each.kind, auto_delete=each.auto_delete, arguments=each.arguments
            )
            for each in all_of_it.exchanges
        ],
        [Binding(bind.source, bind.destination, bind.key, bind.to) for bind in all_of_it.binds],
    )


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
