"""RabbitMQ through aio-pika, on plain connections.

Never the robust ones: they write what was buffered for a lost channel through its successor, after
somebody else took over (50 such records in our trial, none with plain ones).

Reading order: ``amqp_link`` (one connection and its tasks), ``amqp_topology`` (its one task that
declares), ``amqp_channel`` (batches out and in) with ``amqp_frames``, ``amqp_confirms`` and
``amqp_deliveries`` (pure) and ``amqp_inbox``; ``amqp_outbox`` (one write per loop turn),
``amqp_values`` (whatever strangers write can be read), ``amqp_errors`` (what the libraries raise,
in our words).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import aio_pika

from broker.amqp_channel import AmqpChannel
from broker.amqp_errors import TROUBLE, unavailable
from broker.amqp_link import GOODBYE, Link
from broker.amqp_topology import Topology
from broker.amqp_values import tolerate
from broker.port import Binding, Connect, ExchangeSpec, QueueSpec

TIMEOUT: Final = 5.0
"""Seconds any answer of the broker may take: a confirm, a declaration, a connection."""
HEARTBEAT: Final = 5
"""Seconds. Python's loops stall for longer than the broker's patience if it is lower."""


def connector(url: str, *, timeout: float = TIMEOUT) -> Connect:
    """Return what connects to ``url``, e.g. ``amqp://user:pass@host/vhost``.

    Args:
        timeout: Seconds any answer of the broker may take.
    """
    tolerate()

    async def connect(name: str) -> AmqpBroker:
        try:
            async with asyncio.timeout(timeout):
                connection = await aio_pika.connect(
                    url, heartbeat=HEARTBEAT, client_properties={"connection_name": name}
                )
        except TROUBLE as error:
            raise unavailable(error) from error
        return AmqpBroker(await Link.over(connection, timeout))

    return connect


class AmqpBroker:
    """One connection to RabbitMQ. See ``port.Broker``."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._topology = Topology(link)

    async def open(self) -> AmqpChannel:
        """See ``port.Broker.open``."""
        return await self._link.run(partial(AmqpChannel.opened, self._link), undo=AmqpChannel.close)

    async def declare(
        self,
        queues: Sequence[QueueSpec] = (),
        exchanges: Sequence[ExchangeSpec] = (),
        bindings: Sequence[Binding] = (),
    ) -> None:
        """See ``port.Broker.declare``."""
        await self._topology.declare(queues, exchanges, bindings)

    async def unbind(self, bindings: Sequence[Binding]) -> None:
        """See ``port.Broker.unbind``."""
        await self._topology.unbind(bindings)

    async def exists(self, exchange: str) -> bool:
        """See ``port.Broker.exists``."""
        return await self._topology.exists(exchange)

    async def depth(self, queue: str) -> int:
        """See ``port.Broker.depth``."""
        return await self._topology.depth(queue)

    async def delete(self, queue: str) -> None:
        """See ``port.Broker.delete``."""
        await self._topology.delete(queue)

    @property
    def version(self) -> str:
        """What the broker calls itself, e.g. ``RabbitMQ 3.10.8``. For `presently check`."""
        says = self._link.amqp.server_properties
        return " ".join(str(says.get(word, "unknown")) for word in ("product", "version"))

    @property
    def lost(self) -> bool:
        """See ``port.Broker.lost``."""
        return bool(self._link.why_lost)

    async def wait_lost(self) -> str:
        """See ``port.Broker.wait_lost``."""
        return await self._link.wait_lost()

    async def close(self) -> None:
        """See ``port.Broker.close``. Acks given so far reach a broker that answers in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                for channel in [c for c in self._link.dependents if isinstance(c, AmqpChannel)]:
                    await channel.close()
        await self._link.close()
