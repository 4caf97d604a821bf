"""The gateway's two connections to the broker: one up, one down.

A broker in an alarm freezes connections that publish; what comes down must not stop with it. The
two live and die together all the same: ``term`` counts both, so that what an old connection still
had in flight is told from what the new one says, and everything is told anew on every connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.port import Broker, Connect
from broker.reconnect import keep
from gateway import metrics
from gateway.downlink import Downlink
from gateway.outbox import Outbox
from gateway.settings import GatewaySettings
from gateway.uplink import Uplink
from schemas import topology
from schemas.ids import SLOTS
from schemas.messages import GatewayBeat

log = structlog.get_logger(__name__)


class Link:
    """Keeps both connections.

    Attributes:
        up: The connection up, while there is one.
        draining: Said in the heartbeats.

    Args:
        connections: How many there are, for the heartbeats.
        on_lost: Called each time both were there and are no more.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        gateway: str,
        connect: Connect,
        outbox: Outbox,
        uplink: Uplink,
        downlink: Downlink,
        connections: Callable[[], int],
        on_lost: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.up: Broker | None = None
        self.draining = False
        self._settings = settings
        self._gateway = gateway
        self._connect = connect
        self._outbox = outbox
        self._uplink = uplink
        self._downlink = downlink
        self._connections = connections
        self._tell_lost = on_lost
        self._clock = clock
        self._term = 0
        self._away = False

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await keep(
            self._connect, f"gateway/{self._gateway} down", self._serve, on_lost=self._on_lost
        )

    def _on_lost(self, error: BrokerUnavailable) -> None:
        metrics.RECONNECTS.inc()
        log.error("the broker is away", why=str(error))
        self._away = True

    async def _serve(self, down: Broker) -> None:
        self._term += 1
        queue = topology.gateway_queue(self._gateway, self._term)
        await declare(down, topology.installation())
        await declare(down, topology.gateway_topology(self._gateway, self._term))
        up = await self._connect(f"gateway/{self._gateway} up")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._downlink.mind_overflow(await down.open(), queue))
                tasks.create_task(self._downlink.listen(await down.open(), queue))
                tasks.create_task(self._uplink.serve(up, self._term))
                tasks.create_task(self._beat())
                tasks.create_task(self._audit())
                self.up = up
                metrics.BROKER.set(1)
                if self._away:
                    log.info("the broker is back", term=self._term)
                self._away = False
                await _until_lost(up)
        finally:
            self.up = None
            metrics.BROKER.set(0)
            self._tell_lost()
            await up.close()

    def beat(self) -> GatewayBeat:
        """What we say of ourselves now."""
        return GatewayBeat(
            gateway=self._gateway,
            term=self._term,
            at=int(self._clock() * 1000),
            connections=self._connections(),
            draining=self.draining,
        )

    async def _beat(self) -> None:
        await self._uplink.connected.wait()  # What is said before is not sent.
        while True:
            self._outbox.control(self.beat())
            await asyncio.sleep(self._settings.heartbeat_ms / 1000)

    async def _audit(self) -> None:
        """Tell all seats unasked, one slot after the other: it heals whatever went wrong."""
        while True:
            for slot in range(SLOTS):
                await asyncio.sleep(self._settings.audit_ms / 1000 / SLOTS)
                self._outbox.roll(slot)


async def _until_lost(broker: Broker) -> None:
    raise BrokerUnavailable(await broker.wait_lost())
