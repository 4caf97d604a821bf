"""A worker that ends hands its shards over one after another.

All at once would be one long pause for every document: whoever takes them over reads sixteen logs
and asks for sixteen rosters at the same time. One by one each is a short pause of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from hub.line import Line
from hub.roster import Roster
from schemas.ids import Slot

TAKEN_S: Final = 0.5
"""How long we wait for another worker to say that it works on what we handed over."""
LOOK_S: Final = 0.01


async def hand_over(
    lines: Mapping[Slot, Line], running: Mapping[Slot, asyncio.Task[None]], roster: Roster
) -> None:
    """Return when every line has ended: its turn finished, acknowledged, its channel closed.

    Where nobody else is there to take them, the messages wait in the shards' queues.
    """
    lines, running = dict(lines), dict(running)
    working = [slot for slot, line in lines.items() if line.generation]
    for slot, line in lines.items():
        if slot not in working:
            line.stop()
    for slot in working:
        lines[slot].stop()
        await asyncio.wait({running[slot]})
        if roster.others:
            await _taken(slot, roster)
    if running:
        await asyncio.wait(running.values())


async def _taken(slot: Slot, roster: Roster) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + TAKEN_S
    while loop.time() < until:
        if roster.working(slot):
            return
        await asyncio.sleep(LOOK_S)
