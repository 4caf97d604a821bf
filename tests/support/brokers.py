"""Both brokers behind one handle, and the few words the contract suite is written in."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol, cast

import aio_pika
from yarl import URL

from broker.amqp import connector
from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.memory import Bus
from broker.port import (
    Binding,
    Broker,
    Channel,
    Delivery,
    ExchangeSpec,
    Inbox,
    Outgoing,
    QueueSpec,
)
from schemas.topology import Topology
from tests.support.eventually import eventually
from tests.support.rabbit import Rabbit
from tests.support.wire import Wire

PATIENCE = 20.0
"""Seconds. A test that passes never waits for it."""


class Node(Protocol):
    """A broker under test."""

    async def connect(self, name: str) -> Broker:
        """A connection, closed after the test."""

    async def restart(self) -> None:
        """Stop it and start it; durable state stays."""

    def cut(self, name: str) -> None:
        """Lose the connection of this name the hard way."""

    async def close(self) -> None:
        """End all connections."""


class MemoryNode:
    """The broker in memory."""

    def __init__(self) -> None:
        self._bus = Bus()
        self._brokers: list[Broker] = []

    async def connect(self, name: str) -> Broker:
        self._brokers.append(await self._bus.connect(name))
        return self._brokers[-1]

    async def restart(self) -> None:
        self._bus.restart()

    def cut(self, name: str) -> None:
        self._bus.cut(name)

    async def close(self) -> None:
        for broker in self._brokers:
            await broker.close()


class RabbitNode:
    """A vhost of a RabbitMQ; each connection goes over a wire that can be cut."""

    def __init__(self, rabbit: Rabbit, url: str) -> None:
        self._rabbit = rabbit
        self._url = URL(url)
        self._wires: dict[str, Wire] = {}
        self._brokers: list[Broker] = []
        self._queues: set[str] = set()
        self._exchanges: set[str] = set()

    async def connect(self, name: str, *, timeout: float = PATIENCE) -> Broker:
        wire = self._wires.get(name)
        if wire is None:
            wire = await Wire.to(self._url.host or "127.0.0.1", self._url.port or 5672)
            self._wires[name] = wire
        url = self._url.with_host("127.0.0.1").with_port(wire.port)
        broker = await connector(str(url), timeout=timeout)(name)
        self._brokers.append(cast(Broker, _Noting(broker, self._queues, self._exchanges)))
        return self._brokers[-1]

    def wire(self, name: str) -> Wire:
        """The wire of a connection."""
        return self._wires[name]

    async def restart(self) -> None:
        await asyncio.to_thread(self._rabbit.restart)

    def cut(self, name: str) -> None:
        self._wires[name].cut()

    async def close(self) -> None:
        for broker in self._brokers:
            await broker.close()
        for wire in self._wires.values():
            await wire.close()
        if not self._rabbit.can_restart:  # somebody else's broker: leave it as it was
            await self._clear()

    async def _clear(self) -> None:
        async with await aio_pika.connect(self._url) as connection:
            channel = await connection.channel()
            for name in self._queues:
                await channel.queue_delete(name)
            for name in self._exchanges:
                await channel.exchange_delete(name)


class _Noting:
    """A broker that notes what it declares."""

    def __init__(self, broker: Broker, queues: set[str], exchanges: set[str]) -> None:
        self._broker = broker
        self._queues = queues
        self._exchanges = exchanges

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    async def declare(
        self,
        queues: Sequence[QueueSpec] = (),
        exchanges: Sequence[ExchangeSpec] = (),
        bindings: Sequence[Binding] = (),
    ) -> None:
        self._queues |= {spec.name for spec in queues}
        # The auto-deleted ones go with what they feed.
        self._exchanges |= {spec.name for spec in exchanges if not spec.auto_delete}
        await self._broker.declare(queues, exchanges, bindings)


def queue(kind: str, name: str, **arguments: str | int | bool) -> QueueSpec:
    """A queue; ``max_length=1`` is the argument ``x-max-length``."""
    named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
    return QueueSpec(name, {"x-queue-type": kind, **named})


async def publish(channel: Channel, *messages: Outgoing) -> None:
    """Send and wait until the broker has them."""
    await channel.confirmed(await channel.send(messages))


async def fill(channel: Channel, queue_name: str, bodies: Sequence[str]) -> None:
    """Put these bodies into a queue, one message each."""
    await publish(channel, *(Outgoing("", queue_name, body.encode()) for body in bodies))


async def some(inbox: Inbox) -> list[Delivery]:
    """What comes next, if it comes at all."""
    async with asyncio.timeout(PATIENCE):
        return await inbox.take()


async def taken(inbox: Inbox, count: int) -> list[Delivery]:
    """The next ``count`` deliveries. More in the last batch is a failure."""
    got: list[Delivery] = []
    while len(got) < count:
        got += await some(inbox)
    assert len(got) == count, [d.body for d in got]
    return got


async def declared(broker: Broker, *queues: QueueSpec, topology: Topology | None = None) -> None:
    """Declare until it succeeds. After a restart, queues take a while to start; a service meets
    that as ``BrokerUnavailable`` and tries again, too."""

    async def once() -> bool:
        try:
            await broker.declare(queues)
            await declare(broker, topology or Topology())
        except BrokerUnavailable as error:
            raise AssertionError(str(error)) from error
        return True

    await eventually(once, within=PATIENCE)


def bodies(deliveries: Sequence[Delivery]) -> list[str]:
    """What they say, with ``r`` before those that are redelivered."""
    return [("r" if d.redelivered else "") + d.body.decode() for d in deliveries]


def numbers(first: int, last: int) -> list[str]:
    """``["1", "2", …]``, both ends included."""
    return [str(n) for n in range(first, last + 1)]
