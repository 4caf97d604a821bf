"""What the gateway tells the bus: pipelined, confirmed, in order.

One channel carries everything of ``outbox``, so that acts and rolls keep their order. Events posted
over HTTP have a channel of their own: each caller waits for its confirm, and a flood of them does
not stand in the way of a join.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import structlog

from broker.errors import BrokerUnavailable
from broker.port import Broker, Channel, Outgoing
from gateway import metrics
from gateway.outbox import Outbox
from schemas import limits

log = structlog.get_logger(__name__)


class Uplink:
    """Sends what the outbox holds, as long as there is a connection.

    Attributes:
        connected: Set while there is one.
    """

    def __init__(self, outbox: Outbox, clock: Callable[[], float]) -> None:
        outbox.wake = self._wake
        outbox.unsaid = self._unsaid
        outbox.held = lambda: self._broker is not None and self._broker.held != ""
        self.connected = asyncio.Event()
        self._outbox = outbox
        self._clock = clock
        self._due = asyncio.Event()
        self._sent = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._broker: Broker | None = None
        self._posts: Channel | None = None
        self._opening = asyncio.Lock()
        self._complained = False

    def _unsaid(self, what: msgspec.Struct, why: Exception) -> None:
        metrics.UNSAID.inc()
        if not self._complained:  # The counter tells of the next ones.
            self._complained = True
            log.error("not told to the hub, it has no form", what=type(what).__name__, why=str(why))

    def _wake(self) -> None:
        self._due.set()
        self._settled.clear()

    async def serve(self, broker: Broker, term: int) -> None:
        """Send until the connection is lost.

        Raises:
            BrokerUnavailable: It is, as an ``ExceptionGroup`` of this.
        """
        channel = await broker.open()
        self._broker = broker
        self._outbox.connected(term)
        self.connected.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(channel))
        finally:
            self.connected.clear()
            self._broker = self._posts = None
            self._outbox.lost()

    async def _send(self, channel: Channel) -> None:
        """Hand over everything of a turn; have it confirmed while the next turns go on."""
        last = 0
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._confirm(channel, lambda: last))
            while True:
                await self._due.wait()
                await asyncio.sleep(0)  # All sockets that are ready in this turn have their say.
                self._due.clear()
                batch = self._outbox.take(int(self._clock() * 1000))
                if batch:
                    metrics.SENT.inc(len(batch))
                    last = await channel.send(batch)
                self._sent.set()

    async def _confirm(self, channel: Channel, last: Callable[[], int]) -> None:
        while True:
            await self._sent.wait()
            self._sent.clear()
            upto = last()
            with metrics.CONFIRM_SECONDS.time():
                await channel.confirmed(upto)
            self._outbox.confirmed(upto)
            if not self._due.is_set() and upto == last():
                self._settled.set()

    async def settled(self) -> None:
        """Return once everything that waited is confirmed."""
        await self._settled.wait()

    async def post(self, batch: Sequence[Outgoing]) -> None:
        """Publish and wait for the confirm.

        Raises:
            BrokerUnavailable: Not confirmed. It may have been stored: repeat under the same ids.
        """
        if self._outbox.held():
            raise BrokerUnavailable("it takes nothing for now")
        try:
            async with asyncio.timeout(limits.REQUEST_MS / 1000):  # In an alarm, too.
                channel = await self._for_posts()
                await channel.confirmed(await channel.send(batch))
        except TimeoutError:
            raise BrokerUnavailable("not confirmed in time") from None

    async def _for_posts(self) -> Channel:
        """Their channel; another one if what they posted cost them the last."""
        async with self._opening:
            broker = self._broker
            if broker is None:
                raise BrokerUnavailable("not connected")
            channel = self._posts
            if channel is None or channel.lost:
                channel = await broker.open()
                if broker is self._broker:
                    self._posts = channel
            return channel
