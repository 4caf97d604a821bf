"""Takes what arrives in the sixteen shards and does nothing with it: a hub that costs little.

It stands for hubs on other machines, so that a relay is measured and not they.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from broker.port import Broker, Channel
from schemas import limits, topology
from schemas.ids import SLOTS


class Drain:
    """Takes and counts.

    Attributes:
        taken: Messages so far.
        first, last: When the first and the latest came (``time.monotonic()``).
        bytes: Of their bodies.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.bytes = 0
        self.first = self.last = 0.0
        self._more = asyncio.Event()

    async def run(self, broker: Broker) -> None:
        """Until cancelled."""
        async with AsyncExitStack() as channels, asyncio.TaskGroup() as tasks:
            for slot in range(SLOTS):
                channel = await channels.enter_async_context(await broker.open())
                tasks.create_task(self._take(channel, topology.shard_queue(slot)))

    async def until(self, count: int, *, within: float) -> float:
        """Return once so many were taken; seconds from the first to the last.

        Raises:
            TimeoutError: They were not.
        """
        async with asyncio.timeout(within):
            while self.taken < count:
                self._more.clear()
                await self._more.wait()
        return self.last - self.first

    async def _take(self, channel: Channel, queue: str) -> None:
        inbox = await channel.consume(queue, prefetch=limits.PREFETCH)
        while True:
            deliveries = await inbox.take()
            self.last = time.monotonic()
            self.first = self.first or self.last
            self.taken += len(deliveries)
            self.bytes += sum(len(delivery.body) for delivery in deliveries)
            inbox.ack(deliveries[-1].tag)
            self._more.set()
