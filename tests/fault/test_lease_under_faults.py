"""Many race for the right to edit a few documents; hubs, gateways and the broker are killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fault.editors import Editor, Rows, odd
from tests.fault.fences import Fences
from tests.fault.processes import complaints
from tests.support.eventually import eventually
from tests.support.rabbit import Rabbit
from tests.support.stack import Service, Stack

pytestmark = [pytest.mark.rabbit]

DOCUMENTS = [f"page.{number}" for number in range(1, 5)]
USERS, TABS = 10, 2
REST_S = 90.0
"""A gateway is counted for lost, a new owner waits for seats, a roll comes once a minute."""


@dataclass
class Race:
    """What runs."""

    stack: Stack
    editors: list[Editor]
    rows: Rows
    fences: Fences

    def grants(self) -> int:
        """How many there were so far."""
        return sum(map(len, self.fences.granted.values()))

    async def goes_on(self, count: int = 12) -> None:
        """Return once so many more were granted."""
        until = self.grants() + count
        await eventually(lambda: self.grants() >= until, within=60, what=f"{count} more leases")

    async def kill(self, service: Service) -> None:
        """kill -9, and start it again a moment later."""
        await service.stop(signal.SIGKILL)
        await asyncio.sleep(1)
        await service.start(within=60)

    async def pause(self, service: Service, seconds: float) -> None:
        """SIGSTOP, and SIGCONT."""
        assert service.process is not None
        service.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        service.process.send_signal(signal.SIGCONT)

    async def settle(self) -> None:
        """Let everybody rest; raise what was or is wrong."""
        for each in self.editors:
            each.resting.set()
        await eventually(self._at_rest, within=REST_S, what="everybody agrees on who may edit")
        told = sum((each.told for each in self.editors), Counter[str]())
        saves = sum(map(len, self.rows.accepted.values()))
        print(
            f"{self.grants()} leases, {saves} saves, {self.rows.refused} refused, lost {dict(told)}"
        )
        wrong = [*self.rows.faults, *self.fences.faults]
        wrong += [fault for each in self.editors for fault in each.faults]
        wrong += complaints(self.stack.services(), set())
        for document, fences in self.rows.accepted.items():
            assert fences == sorted(fences), document
        assert not wrong, "\n".join(wrong[:20])
        assert saves > 50
        assert self.rows.refused, "no late save was tried"

    def _at_rest(self) -> bool:
        wrong = odd(self.editors, DOCUMENTS)
        assert not wrong, "; ".join(wrong[:5])
        return True


@contextlib.asynccontextmanager
async def racing(amqp_url: str, folder: Path, *, seed: int) -> AsyncIterator[Race]:
    """Two hubs, two gateways, twenty pages of ten users."""
    print(f"seed {seed}")
    stack = Stack(amqp_url, "", folder)
    race = Race(stack, [], Rows(), Fences())
    try:
        for _ in range(2):
            await stack.add_hub()
        for _ in range(2):
            await stack.add_gateway()
        race.editors += [
            Editor(
                f"u{user}.{tab}",
                f"u{user}",
                DOCUMENTS,
                race.rows,
                race.fences,
                lambda: [gateway.url for gateway in stack.gateways],
                random.Random(f"{seed} {user} {tab}"),
            )
            for user in range(USERS)
            for tab in range(TABS)
        ]
        async with asyncio.TaskGroup() as tasks:
            for each in race.editors:
                tasks.create_task(each.live())
            try:
                await race.goes_on()
                yield race
            finally:
                for each in race.editors:
                    each.leave()
    finally:
        for service in stack.services():
            if service.process is not None and service.process.returncode is None:
                service.process.send_signal(signal.SIGCONT)
                await service.stop()


async def test_hubs_and_gateways_are_killed(amqp_url: str, tmp_path: Path) -> None:
    async with racing(amqp_url, tmp_path, seed=1) as it:
        for hub in it.stack.hubs:
            await it.kill(hub)
            await it.goes_on()
        for gateway in it.stack.gateways:
            await it.kill(gateway)
            await it.goes_on()
        async with asyncio.TaskGroup() as tasks:
            for service in (*it.stack.hubs, it.stack.gateways[0]):
                tasks.create_task(it.kill(service))
        await it.goes_on()
        await it.settle()


@pytest.mark.long
async def test_a_gateway_and_a_hub_sleep_and_are_taken_for_dead(
    amqp_url: str, tmp_path: Path
) -> None:
    async with racing(amqp_url, tmp_path, seed=2) as it:
        await it.pause(it.stack.gateways[0], 25)
        await it.goes_on()
        await it.pause(it.stack.hubs[0], 20)
        await it.goes_on()
        await it.settle()


@pytest.mark.long
async def test_the_broker_restarts(
    restartable_amqp_url: str, restartable_rabbit: Rabbit, tmp_path: Path
) -> None:
    async with racing(restartable_amqp_url, tmp_path, seed=3) as it:
        for hard in (False, True):
            await asyncio.to_thread(restartable_rabbit.restart, hard=hard)
            await it.goes_on()
        await it.kill(it.stack.hubs[0])
        await it.goes_on()
        await it.settle()
