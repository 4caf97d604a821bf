"""Who works on which shard, as hubs say it; and a log in the hands of somebody who may not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from broker.amqp import connector
from broker.errors import BrokerUnavailable
from broker.port import Binding, Broker, Outgoing, QueueSpec
from schemas import codec, limits, topology
from schemas.ids import SLOTS
from schemas.log import Claim, Record
from schemas.messages import HubBeat, read_control
from tests.fault.trial import Trial


class Owners:
    """Listens to ``hub.control``.

    Attributes:
        generations: Slot → (generation, worker) of the latest ownership heard of.
    """

    def __init__(self) -> None:
        self.generations: dict[int, tuple[int, str]] = {}

    def shares(self) -> list[int]:
        """How many shards each owner has, the largest first."""
        held = Counter(worker for _, worker in self.generations.values())
        return sorted(held.values(), reverse=True)

    async def listen(self, broker: Broker) -> None:
        """Until cancelled."""
        await broker.declare([QueueSpec("owners", {"x-queue-type": "classic"})])
        await broker.declare(bindings=[Binding(topology.CONTROL, "owners", "")])
        async with await broker.open() as channel:
            inbox = await channel.consume("owners", prefetch=limits.PREFETCH, no_ack=True)
            while True:
                for delivery in await inbox.take():
                    beat = read_control(delivery.body)
                    if isinstance(beat, HubBeat):
                        self._hear(beat)

    def _hear(self, beat: HubBeat) -> None:
        for slot, generation in beat.shards.items():
            latest = (generation, beat.worker)
            self.generations[int(slot)] = max(self.generations.get(int(slot), latest), latest)

    def shared(self, *shares: int) -> bool:
        """Whether all shards are shared out so. A failure says how they are."""
        assert len(self.generations) == SLOTS
        assert self.shares() == sorted(shares, reverse=True), self.shares()
        return True


@asynccontextmanager
async def watching(it: Trial) -> AsyncIterator[Owners]:
    """Listen during the block. Begin before a change: a hub at rest speaks each five seconds."""
    owners = Owners()
    async with beside(it) as broker, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(owners.listen(broker))
        try:
            yield owners
        finally:
            listening.cancel()


@asynccontextmanager
async def beside(it: Trial) -> AsyncIterator[Broker]:
    """A connection of the test's own to the broker of a trial."""
    broker = await connector(it.stack.amqp_url)("beside")
    try:
        yield broker
    finally:
        await broker.close()


async def append(broker: Broker, slot: int, *records: bytes) -> None:
    """Put records into a shard's log, as anybody may who has the rights."""
    async with await broker.open() as channel:
        messages = [Outgoing("", topology.log_queue(slot), record) for record in records]
        await channel.confirmed(await channel.send(messages))


async def claimed(broker: Broker, slot: int, nonce: str, at: int) -> None:
    """A claim of a worker that nobody knows."""
    claim: Record = Claim(worker="elsewhere", nonce=nonce, at=at)
    await append(broker, slot, codec.pack(claim))


async def log_of(broker: Broker, slot: int) -> list[bytes]:
    """All records of a log, up to one of our own that says nothing."""
    end = b"the end, for whoever reads"
    await append(broker, slot, end)
    found: list[bytes] = []
    async with await broker.open() as channel:
        inbox = await channel.consume(topology.log_queue(slot), prefetch=64, offset="first")
        while end not in found:
            taken = await inbox.take()
            found += [delivery.body for delivery in taken]
            inbox.ack(taken[-1].tag)
    return found[: found.index(end)]


async def replaced(broker: Broker, slot: int, records: list[bytes]) -> None:
    """Delete a log and write this in its place."""
    queue = topology.log_queue(slot)
    await broker.delete(queue)
    (spec,) = [q for q in topology.installation().queues if q.name == queue]
    for _ in range(50):
        try:
            await broker.declare([QueueSpec(spec.name, spec.arguments)])
            break
        except BrokerUnavailable:
            await asyncio.sleep(0.1)
    if records:
        await append(broker, slot, *records)


def worst_delay(it: Trial, since: float) -> float:
    """The longest that a change committed since then took to a page that had to hear of it."""
    return max(
        arrived - it.writers.committed[document][version]
        for each in it.visitors
        for (document, version), arrived in each.ledger.arrivals.items()
        if it.writers.committed.get(document, {}).get(version, 0.0) > since
    )
