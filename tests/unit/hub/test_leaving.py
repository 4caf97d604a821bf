"""Shard after shard."""

from __future__ import annotations

import asyncio
from typing import cast

from hub.leaving import hand_over
from hub.line import Line
from hub.roster import Roster
from schemas.ids import Slot
from schemas.messages import HubBeat
from tests.support.eventually import eventually


class FakeLine:
    """Ends when it is told to; ``log`` remembers the order."""

    def __init__(self, slot: int, generation: int, log: list[int]) -> None:
        self.slot = slot
        self.generation = generation
        self._log = log
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._log.append(self.slot)
        self._stopped.set()

    async def run(self) -> None:
        await self._stopped.wait()


def roster() -> Roster:
    return Roster("me", silent_beats=3, bye_ms=10)


def beat(worker: str, *slots: int) -> HubBeat:
    return HubBeat(worker=worker, at=1, shards={str(slot): 2 for slot in slots})


async def leave(generations: list[int], known: Roster, log: list[int]) -> None:
    lines = {Slot(slot): FakeLine(slot, number, log) for slot, number in enumerate(generations)}
    async with asyncio.TaskGroup() as tasks:
        running = {slot: tasks.create_task(line.run()) for slot, line in lines.items()}
        await hand_over(cast(dict[Slot, Line], lines), running, known)
        assert all(task.done() for task in running.values())


async def test_each_waits_until_the_one_before_is_in_other_hands() -> None:
    known, log = roster(), list[int]()
    known.hear(beat("other"), 1)
    async with asyncio.TaskGroup() as tasks:
        leaving = tasks.create_task(leave([0, 5, 0, 5, 5], known, log))
        await eventually(lambda: log == [0, 2, 1])
        known.hear(beat("other", 1), 1)
        await eventually(lambda: log == [0, 2, 1, 3])
        known.hear(beat("other", 1, 3), 1)
        await eventually(lambda: log == [0, 2, 1, 3, 4])
        assert not leaving.done()
        known.hear(beat("other", 1, 3, 4), 1)


async def test_nobody_takes_for_ever() -> None:
    known, log = roster(), list[int]()
    known.hear(beat("other"), 1)
    await leave([5, 5], known, log)
    assert log == [0, 1]


async def test_alone_there_is_nobody_to_wait_for() -> None:
    log: list[int] = []
    async with asyncio.timeout(0.4):
        await leave([5] * 16, roster(), log)
    assert log == list(range(16))
