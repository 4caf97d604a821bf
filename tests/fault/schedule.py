"""Faults drawn from a seed: what happens to whom, when and for how long. The same seed, the same
schedule; and how each is done to a trial."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Final

from tests.fault.trial import Trial
from tests.support.rabbit import Rabbit
from tests.support.stack import Service

KINDS: Final = {
    "kill": 4.0,
    "sigterm": 4.0,
    "pause": 15.0,
    "cut": 5.0,
    "stall": 20.0,
    "delay": 8.0,
    "half-close": 3.0,
}
"""What may happen to one process or its line to the broker, and the longest it lasts (s)."""
VICTIMS: Final = ("gateway 0", "gateway 1", "hub 0", "hub 1", "relay 0", "relay 1")
BROKER: Final = "restart of the broker"
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
        if dice.random() < 0.06:
            faults.append(Fault(at, BROKER, "", 0.0))
        else:
            kind = dice.choice(list(KINDS))
            faults.append(Fault(at, kind, dice.choice(VICTIMS), dice.random() * KINDS[kind]))
        at += dice.expovariate(1 / EVERY)
    return faults


async def suffer(it: Trial, faults: list[Fault], rabbit: Rabbit) -> None:
    """Let all of it happen, and be over. One thing at a time to each process."""
    turns = {name: asyncio.Lock() for name in (*VICTIMS, "")}
    services = {service.name: service for service in it.stack.services()}
    began = it.now()

    async def happen(fault: Fault) -> None:
        await asyncio.sleep(max(0.0, began + fault.at - it.now()))
        async with turns[fault.victim]:
            print(fault, flush=True)
            if fault.kind == BROKER:
                await it.restart_broker(rabbit)
            else:
                await _do(it, fault, services[fault.victim])

    async with asyncio.TaskGroup() as tasks:
        for fault in faults:
            tasks.create_task(happen(fault))


async def _do(it: Trial, fault: Fault, service: Service) -> None:
    line = it.line(service)
    match fault.kind:
        case "kill" | "sigterm":
            await (it.kill(service) if fault.kind == "kill" else it.end(service))
            await asyncio.sleep(fault.lasts)
            await it.start(service, within=120)
        case "pause":
            it.pause(service)
            await asyncio.sleep(fault.lasts)
            it.wake(service)
        case "cut" | "stall":
            line.cut() if fault.kind == "cut" else line.stall()
            await asyncio.sleep(fault.lasts)
            line.restore()
        case "delay":
            line.delay(0.02 + fault.lasts / 40)
            await asyncio.sleep(fault.lasts)
            line.restore()
        case "half-close":
            line.half_close()
            await asyncio.sleep(fault.lasts)
