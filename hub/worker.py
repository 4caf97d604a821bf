"""A hub worker: connects, stands in line for its shards, works, hands over.

``run`` is what the composition root calls. Everything it starts ends with it.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.port import Broker, Connect
from broker.reconnect import keep
from hub import intake, leaving
from hub.behind import Behind
from hub.control import Control
from hub.fold import Budget
from hub.health import Health
from hub.keeper import Keeper
from hub.line import Line
from hub.roster import Roster
from hub.settings import HubSettings
from hub.shard import Notice
from hub.staffing import Staffing
from hub.workplace import Workplace
from schemas import topology
from schemas.ids import Slot

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.1
HAND_OVER_SECONDS: Final = 10.0
"""Time to hand our shards over when we are told to stop: more than ``leaving.TAKEN_S`` for each.
What is not done then, somebody else does."""


async def run(
    settings: HubSettings,
    connect: Connect,
    *,
    stopping: asyncio.Event,
    ready: Callable[[], None] | None = None,
    health: Health | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Work until ``stopping`` is set, then hand over; or until cancelled.

    Args:
        ready: Called once, when the worker first stands in line for all its shards.
        health: Kept up to date for the ops listener.
        clock: Unix seconds; services bring one that nobody sets back.

    Raises:
        TopologyMismatch: In a group. The broker has something else under one of our names.
    """
    worker = settings.worker or worker_name()
    hub = _Worker(worker, settings, clock, stopping)
    hub.health, hub.ready = health or Health(), ready
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(keep(connect, f"hub/{worker}", hub.serve, on_lost=hub.lost))
        stop = tasks.create_task(stopping.wait())
        await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not working.done():
            await _until_handed_over(hub, working)
            if hub.broker is not None:  # All at once, or each line would wait for its own good-bye.
                await hub.broker.close()
            working.cancel()
    hub.health.ill("stopped")


async def _until_handed_over(hub: _Worker, working: asyncio.Task[None]) -> None:
    """Without a connection there is nothing left to hand over."""
    clock = asyncio.get_running_loop().time
    until = clock() + HAND_OVER_SECONDS
    while hub.broker is not None and not working.done() and clock() < until:
        await asyncio.wait({working}, timeout=LOOK_S)


def worker_name() -> str:
    """Host name and randomness: never reused."""
    host = "".join(c if c.isascii() and c.isalnum() else "-" for c in socket.gethostname())
    return f"{host[:40]}-{secrets.token_hex(4)}"


class _Worker:
    """What outlives a connection, and what is started on each."""

    def __init__(
        self,
        name: str,
        settings: HubSettings,
        clock: Callable[[], float],
        stopping: asyncio.Event,
    ) -> None:
        self.health = Health()
        self.ready: Callable[[], None] | None = None
        self.broker: Broker | None = None
        self._name = name
        self._settings = settings
        self._clock = clock
        self._stopping = stopping
        self._term = 0
        self._budget = Budget(settings.history_bytes)
        self._roster = Roster(
            name,
            silent_beats=settings.gateway_silent_beats,
            bye_ms=settings.bye_ms,
            round_ms=settings.heartbeat_ms * 4 // 5,
        )

    def lost(self, error: BrokerUnavailable) -> None:
        """The connection is gone; ``keep`` makes another."""
        self.health.ill(str(error))
        log.error("broker_lost", why=str(error))

    async def serve(self, broker: Broker) -> None:
        """Work on one connection until it is lost or we are told to stop."""
        self._term += 1
        self._roster.reconnected()
        await declare(broker, topology.installation())
        await declare(broker, topology.worker_topology(self._name, self._term))
        lines: dict[Slot, Line] = {}
        running: dict[Slot, asyncio.Task[None]] = {}
        patience_ms = self._settings.patience_ms
        staffing = Staffing(self._name, self._roster, patience_ms=patience_ms)
        keeper = Keeper(broker, per_second=self._settings.exchanges_per_second)

        behind = Behind(broker, lambda: int(self._clock() * 1000))

        def tell(notice: Notice) -> None:
            for line in lines.values():
                line.tell(notice)

        def staff() -> None:
            for slot in [slot for slot, task in running.items() if task.done()]:
                del running[slot], lines[slot]
            if self._stopping.is_set():
                return
            wanted = staffing.slots(
                place.now(),
                working={slot: line.since for slot, line in lines.items() if line.generation},
                standing={slot for slot, line in lines.items() if line.standing},
            )
            for slot, line in lines.items():
                if slot not in wanted:
                    line.stop()
            for slot in wanted - lines.keys():
                lines[slot] = Line(slot, place)
                running[slot] = tasks.create_task(lines[slot].run())
                running[slot].add_done_callback(lambda task: control.beat_soon())

        def changed() -> None:
            control.beat_soon()
            self._look_after_health(control, lines)

        place = Workplace(
            worker=self._name,
            settings=self._settings,
            broker=broker,
            roster=self._roster,
            keeper=keeper,
            behind=behind,
            budget=self._budget,
            clock=self._clock,
            changed=changed,
            tell=tell,
        )
        control = Control(place, lines, staff, staffing.said)
        self.broker = broker
        try:
            async with asyncio.TaskGroup() as tasks:
                queue = topology.worker_queue(self._name, self._term)
                beside = [
                    tasks.create_task(control.run(broker, queue)),
                    tasks.create_task(keeper.run()),
                    tasks.create_task(behind.run()),
                    tasks.create_task(intake.run(broker)),
                ]
                staff()
                await self._stopping.wait()
                self.health.ill("stopping")
                await leaving.hand_over(lines, running, self._roster)
                await control.bye()
                for task in beside:
                    task.cancel()
        finally:
            self.broker = None

    def _look_after_health(self, control: Control, lines: Mapping[Slot, Line]) -> None:
        if self.health.ready or self._stopping.is_set():
            return
        if control.listening and all(line.consuming for line in lines.values()):
            self.health.well()
            log.info("hub_ready", worker=self._name, slots=len(lines))
            if self.ready is not None:
                ready, self.ready = self.ready, None
                ready()
