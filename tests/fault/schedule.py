"""Faults drawn from a seed: what happens to whom, when and for how long. The same seed and seconds,
the same schedule; and how each is done to a trial."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from tests.fault.trial import Trial
from tests.support.postgres import RestartablePostgres
from tests.support.proxy import Proxy
from tests.support.rabbit import Rabbit
from tests.support.stack import Service

PROCESSES: Final = ("gateway 0", "gateway 1", "hub 0", "hub 1", "relay 0", "relay 1")
TO_DATABASE: Final = ("relay 0 database", "relay 1 database", "writers")
LINES: Final = (*PROCESSES, *TO_DATABASE)
BROKER: Final = "the broker"
DATABASE: Final = "the database"
KINDS: Final[dict[str, tuple[tuple[str, ...], float, float]]] = {
    "kill": (PROCESSES, 4.0, 1.0),
    "sigterm": (PROCESSES, 4.0, 0.7),
    "pause": (PROCESSES, 15.0, 0.7),
    "long pause": (PROCESSES, 60.0, 0.05),
    "cut": (LINES, 5.0, 1.0),
    "stall": (LINES, 20.0, 1.0),
    "deafen": (LINES, 20.0, 0.4),
    "mute": (LINES, 20.0, 0.4),
    "delay": (LINES, 8.0, 0.7),
    "half-close": (LINES, 3.0, 0.7),
    "restart": ((BROKER, DATABASE), 0.0, 0.4),
    "crash": ((BROKER, DATABASE), 0.0, 0.2),
}
"""What may happen: to which of them, for how long at most (s), how often beside the others."""
TWO_AT_ONCE: Final = 0.15
EVERY: Final = 4.0
"""Seconds between the beginnings of two faults, on average: they overlap."""


@dataclass(frozen=True)
class Fault:
    """One of them. Seconds from the beginning, and how long it lasts."""

    at: float
    kind: str
    victim: str
    lasts: float

    def __str__(self) -> str:
        return f"{self.at:6.1f} s: {self.kind} {self.victim} for {self.lasts:.1f} s"


def schedule(seed: int, seconds: float) -> list[Fault]:
    """What a seed means."""
    dice = random.Random(f"{seed} faults")
    faults: list[Fault] = []
    at = dice.expovariate(1 / EVERY)
    while at < seconds:
        for _ in range(2 if dice.random() < TWO_AT_ONCE else 1):
            (kind,) = dice.choices(list(KINDS), [often for _, _, often in KINDS.values()])
            victims, longest, _ = KINDS[kind]
            faults.append(Fault(at, kind, dice.choice(victims), dice.random() * longest))
        at += dice.expovariate(1 / EVERY)
    return faults


async def suffer(
    it: Trial, faults: list[Fault], rabbit: Rabbit, postgres: RestartablePostgres
) -> None:
    """Let all of it happen, and be over. One thing at a time to each victim."""
    turns = {fault.victim: asyncio.Lock() for fault in faults}
    services = {service.name: service for service in it.stack.services()}
    began = it.now()

    async def happen(fault: Fault) -> None:
        await asyncio.sleep(max(0.0, began + fault.at - it.now()))
        async with turns[fault.victim]:
            print(f"{it.now() - began:6.1f} s, due at {fault}", flush=True)
            hard = fault.kind == "crash"
            if fault.victim == BROKER:
                await it.restart_broker(rabbit, hard=hard)
            elif fault.victim == DATABASE:
                await it.restart_database(postgres, hard=hard)
            elif fault.kind in ("kill", "sigterm", "pause", "long pause"):
                await _to_process(it, fault, services[fault.victim])
            else:
                await _to_line(fault, it.lines[fault.victim])

    async with asyncio.TaskGroup() as tasks:
        for fault in faults:
            tasks.create_task(happen(fault))


async def _to_process(it: Trial, fault: Fault, service: Service) -> None:
    match fault.kind:
        case "kill" | "sigterm":
            await (it.kill(service) if fault.kind == "kill" else it.end(service))
            await asyncio.sleep(fault.lasts)
            await it.start(service, within=120)
        case "pause" | "long pause":
            it.pause(service)
            await asyncio.sleep(fault.lasts)
            it.wake(service)


async def _to_line(fault: Fault, line: Proxy) -> None:
    match fault.kind:
        case "cut":
            line.cut()
        case "stall":
            line.stall()
        case "deafen":
            line.stall(inward=True, onward=False)
        case "mute":
            line.stall(inward=False, onward=True)
        case "delay":
            line.delay(0.02 + fault.lasts / 40)
        case "half-close":
            line.half_close()
    await asyncio.sleep(fault.lasts)
    line.restore()
