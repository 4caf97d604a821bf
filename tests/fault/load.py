"""Who is there and what they do all the time: pages, their documents, their acts.

``PRESENTLY_FAULT_LOAD`` chooses how much of it: ``full`` (what is promised is proven at it),
``middle`` (what ``make test`` takes), ``small`` (for writing a test).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.fault.oracle import Oracle
from tests.fault.visitor import Visitor

DOCUMENTS: Final = [f"page.{number}" for number in range(1, 25)]
QUIET: Final = "page.40"
"""Written by nobody unless a test does. The first four pages are at it."""
LIST: Final = "page.~"
MODES: Final = ("watching", "reading", "editing")


@dataclass(frozen=True)
class Load:
    """Browsers, and committed row changes a second that the writers aim at."""

    tabs: int
    per_second: float


LOADS: Final = {"full": Load(50, 200.0), "middle": Load(24, 80.0), "small": Load(12, 40.0)}


def chosen() -> Load:
    """What the environment says; the full load if it says nothing."""
    return LOADS[os.environ.get("PRESENTLY_FAULT_LOAD") or "full"]


def invited(
    tabs: int,
    seed: int,
    oracle: Oracle,
    urls: Callable[[], Sequence[str]],
    version: Callable[[str], Awaitable[int]],
) -> list[Visitor]:
    """The pages. Each is at 4 to 8 documents; one in eight has the list open besides. Two of three
    stay where they are, in one mode; every third comes, changes and goes. Two share a user."""
    visitors = []
    for number in range(tabs):
        user = f"user{number if number != 2 else 0}"
        dice = random.Random(f"{seed} visitor {number}")
        visitor = Visitor(f"page-{number}", user, oracle, urls, version, dice)
        visitor.stays = number % 3 != 2
        first = number * 5
        haunts = [DOCUMENTS[n % len(DOCUMENTS)] for n in range(first, first + 4 + number % 5)]
        visitor.haunts = haunts
        for document in (*haunts, *([QUIET] if number < 4 else [])):
            mode = MODES[(number + len(document)) % 3]
            if visitor.stays:
                mode = "reading" if mode == "watching" else mode
                oracle.stayers.add((document, user))
            visitor.want(document, mode)
        if number % 8 == 1:
            visitor.want(LIST, "watching")
        visitors.append(visitor)
    return visitors


async def act(visitors: Sequence[Visitor], dice: random.Random, tasks: asyncio.TaskGroup) -> None:
    """What people do, until cancelled: talk, move a cursor, change their mode, go to another page,
    take the right to edit and give it back. A third of an act a second for each page."""
    restless = [visitor for visitor in visitors if not visitor.stays]
    while True:
        await asyncio.sleep(dice.expovariate(len(visitors) / 3))
        someone, what = dice.choice(visitors), dice.random()
        document = dice.choice(someone.haunts)
        mover = dice.choice(restless)
        if what < 0.4:
            if document in someone.wants:
                tasks.create_task(someone.say(document))
        elif what < 0.5:
            if document in someone.told:
                tasks.create_task(someone.point(document))
        elif what < 0.55:
            mover.navigate()
        elif what < 0.7:
            tasks.create_task(mover.take(dice.choice(mover.haunts)))
        else:
            mover.want(dice.choice(mover.haunts), dice.choice([None, *MODES]))
