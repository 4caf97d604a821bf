"""RabbitMQ through aio-pika, on plain connections.

Never the robust ones: they write what was buffered for a lost channel through its successor, after
somebody else took over (50 such records in our trial, none with plain ones).

Reading order: ``amqp_addresses`` (pure: which node), ``amqp_link`` (one connection and its tasks),
``amqp_patience`` (how long it waits), ``amqp_topology`` (its one task that declares),
``amqp_channel`` (batches out and in) with ``amqp_frames``, ``amqp_confirms`` and
``amqp_deliveries`` (pure) and ``amqp_inbox``; ``amqp_outbox`` (one write per loop turn),
``amqp_values`` (whatever strangers write can be read), ``amqp_errors`` (what the libraries raise,
in our words).
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import aio_pika
from yarl import URL

from broker.amqp_addresses import Turns, addresses, patience, why
from broker.amqp_channel import AmqpChannel
from broker.amqp_errors import TROUBLE, reason, unavailable
from broker.amqp_link import GOODBYE, Link
from broker.amqp_topology import Topology
from broker.amqp_values import tolerate
from broker.complaints import refused
from broker.errors import BrokerRefused, BrokerUnavailable
from broker.port import Binding, Connect, ExchangeSpec, QueueSpec
from schemas import limits

TIMEOUT: Final = 5.0
"""Seconds any answer of the broker may take: a confirm, a declaration, a connection."""
REFUSED: Final = 3.0
"""Seconds for which every node must refuse us until we believe it: a vhost takes a while to start.
"""


def connector(
    url: str,
    *,
    timeout: float = TIMEOUT,
    heartbeat: int = limits.AMQP_HEARTBEAT_S,
    luck: Callable[[], float] = random.random,
) -> Connect:
    """Return what connects to ``url``, e.g. ``amqp://user:pass@host/vhost``.

    Args:
        url: Or several, see ``amqp_addresses``: each call tries one after the other. A host name
            that means several machines counts as so many addresses.
        timeout: Seconds any answer of the broker may take.
        heartbeat: Seconds. Whoever stalls for twice as long may be cut off.
        luck: Decides which of several is tried first.

    Raises:
        ValueError: It is no such URL. (And ``BrokerRefused`` by what is returned, when nobody lets
            us in, for a while and never before.)
    """
    tolerate()
    dial = partial(_connect, timeout=timeout, heartbeat=heartbeat)
    return _Dialer(addresses(url), dial, timeout, luck()).connect


class _Dialer:
    """Tries the addresses one after the other."""

    def __init__(
        self,
        urls: Sequence[str],
        dial: Callable[[str, str, float], Awaitable[AmqpBroker]],
        timeout: float,
        luck: float,
    ) -> None:
        self._urls = urls
        self._dial = dial
        self._timeout = timeout
        self._turns = Turns(len(urls), luck)
        self._reached = False
        self._refused_since: float | None = None

    async def connect(self, name: str) -> AmqpBroker:
        reasons: dict[int, str] = {}
        order = self._turns.order(name)
        for place in order:
            within = patience(len(order) - len(reasons) - 1, self._timeout)
            try:
                broker = await self._dial(self._urls[place], name, within)
            except BrokerUnavailable as error:
                reasons[place] = error.why
            else:
                self._turns.served(name, place)
                self._reached = True
                return broker
        self._give_up(reasons)
        raise BrokerUnavailable(why(reasons))

    def _give_up(self, reasons: dict[int, str]) -> None:
        """A mistake in the setting ends the process; one that worked before is no mistake of it.

        Raises:
            BrokerRefused: Nobody lets us in, for a while now and never before.
        """
        do = {refused(reason): None for reason in reasons.values()}
        if self._reached or "" in do:
            self._refused_since = None
            return
        now = asyncio.get_running_loop().time()
        if self._refused_since is None:
            self._refused_since = now
        if now - self._refused_since >= REFUSED:
            raise BrokerRefused(f"{why(reasons)}: {'; '.join(do)}")


async def _connect(
    url: str, name: str, within: float, *, timeout: float, heartbeat: int
) -> AmqpBroker:
    """To the first machine of that name that answers ``within`` seconds."""
    reasons: dict[int, str] = {}
    try:
        machines = await _machines(URL(url), within)
    except OSError as error:
        raise unavailable(error) from error
    for place, machine in enumerate(machines):
        try:
            async with asyncio.timeout(patience(len(machines) - place - 1, within)):
                connection = await aio_pika.connect(
                    machine, heartbeat=heartbeat, client_properties={"connection_name": name}
                )
        except TROUBLE as error:
            reasons[place] = reason(error)
        else:
            return AmqpBroker(await Link.over(connection, timeout))
    raise BrokerUnavailable(why(reasons))


async def _machines(url: URL, within: float) -> list[URL]:
    """One URL a machine. A certificate is made out to a name, so TLS keeps the name."""
    host, loop = url.host or "", asyncio.get_running_loop()
    if url.scheme == "amqps" or _is_ip(host):
        return [url]
    async with asyncio.timeout(within):
        found = await loop.getaddrinfo(host, url.port or 5672, type=socket.SOCK_STREAM)
    return [url.with_host(ip) for ip in dict.fromkeys(str(each[4][0]) for each in found)]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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
    def held(self) -> str:
        """See ``port.Broker.held``."""
        return self._link.patience.held

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
