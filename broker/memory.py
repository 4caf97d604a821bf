"""A whole broker in one process, for `presently dev` and for tests.

It keeps the same promises as RabbitMQ (``tests/contract``) and copies its awkward sides: an
unrouted message is confirmed and gone, a publish to a missing exchange costs the channel, a waiting
consumer is activated without notice, offsets of a log have gaps.

Reading order: ``memory_routing`` (which queues a message reaches), ``memory_queue`` and
``memory_log`` (what they do with it), ``memory_store`` (all of it together), ``memory_channel``
(what a service holds), this file (connections, and what can happen to them).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from broker.errors import BrokerUnavailable
from broker.memory_channel import MemoryChannel
from broker.memory_store import Store
from broker.port import Binding, ExchangeSpec, QueueSpec

LOG_BYTES = 16 * 1024 * 1024
"""Bound of one log in memory, unless the caller gives another: the size of one segment."""


class Bus:
    """The broker. ``Bus().connect`` is a ``port.Connect``.

    Args:
        log_bytes: Bound of each log, however much more its arguments allow.
    """

    def __init__(self, *, log_bytes: int = LOG_BYTES) -> None:
        self._store = Store(log_bytes)
        self._connections: list[MemoryBroker] = []
        self._up = True

    async def connect(self, name: str) -> MemoryBroker:
        """See ``port.Connect``."""
        if not self._up:
            raise BrokerUnavailable("stopped")
        connection = MemoryBroker(name, self._store, self._connections.remove)
        self._connections.append(connection)
        return connection

    @property
    def connected(self) -> list[str]:
        """Names of the connections that are open, in the order they were made."""
        return [connection.name for connection in self._connections]

    def cut(self, name: str) -> None:
        """Lose every connection of this name, as when its machine is gone."""
        for connection in tuple(self._connections):
            if connection.name == name:
                connection.lose("cut")

    def stop(self) -> None:
        """Drop all connections and refuse new ones. Durable state stays."""
        self._up = False
        for connection in tuple(self._connections):
            connection.lose("the broker stopped")
        self._store.restart()

    def start(self) -> None:
        """Take connections again."""
        self._up = True

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()


class MemoryBroker:
    """One connection to a ``Bus``."""

    def __init__(self, name: str, store: Store, forget: Callable[[MemoryBroker], None]) -> None:
        self.name = name
        self._store = store
        self._forget = forget
        self._channels: list[MemoryChannel] = []
        self._why_lost = ""
        self._gone = asyncio.Event()

    async def open(self) -> MemoryChannel:
        """See ``port.Broker.open``."""
        self._check()
        channel = MemoryChannel(self._store, self._channels.remove)
        self._channels.append(channel)
        return channel

    async def declare(
        self,
        queues: Sequence[QueueSpec] = (),
        exchanges: Sequence[ExchangeSpec] = (),
        bindings: Sequence[Binding] = (),
    ) -> None:
        """See ``port.Broker.declare``."""
        self._check()
        self._store.declare(queues, exchanges, bindings)

    async def unbind(self, bindings: Sequence[Binding]) -> None:
        """See ``port.Broker.unbind``."""
        self._check()
        for binding in bindings:
            self._store.routes.unbind(binding)

    async def exists(self, exchange: str) -> bool:
        """See ``port.Broker.exists``."""
        self._check()
        return exchange in self._store.routes.exchanges

    async def depth(self, queue: str) -> int:
        """See ``port.Broker.depth``."""
        self._check()
        return self._store.queue(queue).depth()

    async def delete(self, queue: str) -> None:
        """See ``port.Broker.delete``."""
        self._check()
        self._store.delete(queue)

    @property
    def held(self) -> str:
        """See ``port.Broker.held``. Memory is never short here."""
        return ""

    @property
    def lost(self) -> bool:
        """See ``port.Broker.lost``."""
        return bool(self._why_lost)

    async def wait_lost(self) -> str:
        """See ``port.Broker.wait_lost``."""
        await self._gone.wait()
        return self._why_lost

    async def close(self) -> None:
        """See ``port.Broker.close``."""
        self.lose("closed")

    def lose(self, why: str) -> None:
        """The connection ends, for whatever reason, and every channel with it."""
        if self._why_lost:
            return
        self._why_lost = why
        self._forget(self)
        for channel in tuple(self._channels):
            channel.lose(why)
        self._gone.set()

    def _check(self) -> None:
        if self._why_lost:
            raise BrokerUnavailable(self._why_lost)
