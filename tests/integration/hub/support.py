"""A hub on a broker, a producer and a backend."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.port import Binding, Broker, Connect, Delivery, Outgoing, QueueSpec
from hub import worker
from hub.settings import HubSettings
from schemas import codec, limits, topology
from schemas.ids import DocumentId, routing_key
from schemas.log import Batch, read_record

QUICK = HubSettings(
    heartbeat_ms=200, probe_ms=50, patience_ms=300, settle_ms=20, answers_ms=2_000, retry_ms=100
)
"""A hub in a hurry."""


class Machine:
    """Makes connections to a broker, until it is gone."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connections: list[Broker] = []
        self._gone = False

    async def connect(self, name: str) -> Broker:
        """See ``port.Connect``."""
        if self._gone:
            raise BrokerUnavailable("this machine is gone")
        self._connections.append(await self._connect(name))
        return self._connections[-1]

    async def die(self) -> None:
        """The broker sees its connections reset; nobody says good-bye."""
        self._gone = True
        for connection in self._connections:
            await connection.close()


_ends = itertools.count(1)
_names = (f"{number}" for number in itertools.count(1))


@asynccontextmanager
async def hub(
    connect: Connect, settings: HubSettings = QUICK, *, name: str = ""
) -> AsyncIterator[asyncio.Event]:
    """A worker that stands in line for all shards. Setting the event stops it in good order."""
    ready, stopping = asyncio.Event(), asyncio.Event()
    settings = HubSettings(**{**_fields(settings), "worker": name or f"hub-{next(_names)}"})
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(worker.run(settings, connect, stopping=stopping, ready=ready.set))
        await ready.wait()
        try:
            yield stopping
        finally:
            task.cancel()


def _fields(settings: HubSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in HubSettings.__dataclass_fields__}


def event(document: str, id: str, data: str = '{"x":1}', type: str = "note.added") -> bytes:
    """A CloudEvent as a producer writes it."""
    return (
        f'{{"specversion":"1.0","id":"{id}","source":"/test","type":"{type}",'
        f'"subject":"{document}","data":{data}}}'
    ).encode()


@dataclass
class Backend:
    """A queue of our own bound wherever a test likes."""

    taken: list[Delivery] = field(default_factory=list)


@asynccontextmanager
async def listener(
    connect: Connect, *binds: tuple[str, str], queue: str = "backend"
) -> AsyncIterator[Backend]:
    """A backend's queue, bound to (exchange, key) each, and what it received."""
    broker = await connect(f"backend/{queue}")
    await declare(broker, topology.installation())
    await broker.declare(
        [QueueSpec(queue, {"x-queue-type": "classic"})],
        [],
        [Binding(exchange, queue, key) for exchange, key in binds],
    )
    it = Backend()
    try:
        async with asyncio.TaskGroup() as tasks, await broker.open() as channel:
            inbox = await channel.consume(queue, prefetch=limits.PREFETCH, no_ack=True)

            async def take() -> None:
                while True:
                    it.taken += await inbox.take()

            task = tasks.create_task(take())
            try:
                yield it
            finally:
                task.cancel()
    finally:
        await broker.close()


async def publish(connect: Connect, *outgoing: Outgoing) -> None:
    """Publish as anybody may, confirmed."""
    broker = await connect("producer")
    async with await broker.open() as channel:
        await channel.confirmed(await channel.send(outgoing))
    await broker.close()


def change(document: str, id: str, data: str = '{"x":1}') -> Outgoing:
    """An event on its way to ``hub.in``."""
    return Outgoing(topology.IN, routing_key(DocumentId(document)), event(document, id, data))


async def records(connect: Connect, slot: int) -> list[object]:
    """The whole log of one slot, up to a record of our own that nobody counts."""
    broker = await connect("reader")
    end = codec.pack(Batch(nonce="reader", n=next(_ends), facts=[]))
    found: list[Delivery] = []
    async with await broker.open() as channel:
        await channel.confirmed(await channel.send([Outgoing("", topology.log_queue(slot), end)]))
        inbox = await channel.consume(
            topology.log_queue(slot), prefetch=limits.PREFETCH, offset="first"
        )
        while not any(delivery.body == end for delivery in found[-limits.PREFETCH :]):
            taken = await inbox.take()
            found += taken
            inbox.ack(taken[-1].tag)
    await broker.close()
    return [read_record(delivery.body) for delivery in found if delivery.body != end]
