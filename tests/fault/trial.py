"""Presently under load, its processes behind proxies, watched by an oracle.

    async with started(amqp_url, database_url, folder, seed=1, hubs=2) as it:  # house.py
        at = it.now()
        await it.kill(it.stack.hubs[0])
        await it.back(at, within=15)
        await it.settle()

Everything random comes from the seed. ``settle`` ends the load, waits for rest and raises
``Wrong`` with all that was seen and may not be.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.fault import table
from tests.fault.load import DOCUMENTS, QUIET
from tests.fault.oracle import Oracle
from tests.fault.processes import complaints, resident
from tests.fault.visitor import Visitor
from tests.fault.writers import Writers
from tests.support.eventually import eventually
from tests.support.postgres import RestartablePostgres
from tests.support.proxy import Proxy
from tests.support.rabbit import Rabbit
from tests.support.stack import START_SECONDS, Service, Stack

__all__ = ["DOCUMENTS", "QUIET", "Times", "Trial", "Wrong"]

REST_S = 75.0
"""Longer than it takes to count a gateway for lost, and for each seat to be told again."""


class Wrong(AssertionError):
    """The oracle saw what may not be."""


@dataclass(frozen=True)
class Times:
    """Seconds from a moment until each page had, of each document, a change committed after it."""

    median: float
    worst: float

    def __str__(self) -> str:
        return f"median {self.median:.2f} s, worst {self.worst:.2f} s"


@dataclass
class Trial:
    """What runs, and what it is told to suffer."""

    stack: Stack
    writers: Writers
    oracle: Oracle
    dice: random.Random
    visitors: list[Visitor] = field(default_factory=list)
    lines: dict[str, Proxy] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    acting: asyncio.Task[None] | None = None
    final: dict[str, int] = field(default_factory=dict)

    def now(self) -> float:
        """``time.monotonic()``."""
        return time.monotonic()

    def line(self, service: Service) -> Proxy:
        """Between a service and the broker."""
        return self.lines[service.name]

    def database_line(self, relay: Service) -> Proxy:
        """Between a relay and the database."""
        return self.lines[f"{relay.name} database"]

    def door(self, gateway: Service) -> Proxy:
        """Between browsers and a gateway, in a trial with doors."""
        return self.lines[f"{gateway.name} door"]

    @property
    def writers_line(self) -> Proxy:
        """Between the database and whoever writes to it or loads a row for a page."""
        return self.lines["writers"]

    def lines_to(self, node: int) -> list[Proxy]:
        """Between all services and one node of a cluster."""
        return [line for name, line in self.lines.items() if name.endswith(f" to {node}")]

    async def kill(self, service: Service) -> None:
        """kill -9."""
        self.ended.add(service.name)
        await service.stop(signal.SIGKILL)

    async def end(self, service: Service) -> None:
        """SIGTERM; it must end with 0."""
        self.ended.add(service.name)
        code = await service.stop()
        if code:
            self.oracle.faults.append(f"{service.name} ended with {code}")

    async def start(self, service: Service, *, within: float = START_SECONDS) -> None:
        """Again, at the same addresses."""
        await service.start(within=within)
        self.ended.discard(service.name)

    async def restart_broker(self, rabbit: Rabbit, *, hard: bool = False) -> None:
        """Stop it (``hard``: kill -9) and start it; returns when it answers."""
        await asyncio.to_thread(rabbit.restart, hard=hard)

    async def restart_database(self, server: RestartablePostgres, *, hard: bool = False) -> None:
        """Stop it (``hard``: as it crashes) and start it; returns when it answers."""
        await asyncio.to_thread(server.restart, hard=hard)

    def pause(self, service: Service) -> None:
        """SIGSTOP."""
        assert service.process is not None
        service.process.send_signal(signal.SIGSTOP)

    def wake(self, service: Service) -> None:
        """SIGCONT."""
        assert service.process is not None
        service.process.send_signal(signal.SIGCONT)

    async def back(
        self,
        since: float,
        *,
        within: float,
        what: str = "",
        visitors: Sequence[Visitor] | None = None,
    ) -> Times:
        """Return once every page that stays has, of each of its documents, a change committed
        after ``since``.

        Args:
            what: The row of the table that this is a measurement for.
            visitors: Ask these only.
        """

        def firsts() -> list[float]:
            took = []
            for visitor in self.visitors if visitors is None else visitors:
                for document in visitor.haunts if visitor.stays else ():
                    made = reversed(self.writers.committed[document].items())
                    news = [v for v, _ in itertools.takewhile(lambda it: it[1] > since, made)]
                    arrivals = visitor.ledger.arrivals
                    arrived = [at for v in news if (at := arrivals.get((document, v)))]
                    assert arrived, f"{visitor.name} has nothing new of {document}"
                    took.append(min(arrived) - since)
            return took

        took = await eventually(firsts, within=within, what="every page hears of changes again")
        times = Times(statistics.median(took), max(took))
        if what:
            print(f"{what}: {times}", flush=True)
            table.note(what, times.median, times.worst)
        return times

    async def steady(self, *, within: float = 30.0) -> None:
        """Return once every page is seated and hears of changes."""
        await eventually(lambda: all(v.seated() for v in self.visitors), within=within)
        await self.back(self.now(), within=within)

    async def rest(self) -> None:
        """End the load."""
        self.writers.stop()
        if self.acting is not None:
            self.acting.cancel()
            await asyncio.wait([self.acting])

    async def settle(self) -> None:
        """End the load; raise what was wrong."""
        await self.rest()
        self.final = await self.writers.final()
        wrong = self.oracle.lost(self.writers.committed, self.final)
        for what, left in (
            ("seated", self._unseated),
            ("arrived", self._behind),
            ("at one number", self._apart),
            ("present", self._strange),
            ("one holder", self._undecided),
        ):
            wrong += await _none_left(what, left, 1.0 if wrong else REST_S)
        wrong += self.oracle.verdict(self.visitors) + self.processes()
        print(
            f"{sum(self.final.values())} changes ({len(self.writers.in_doubt)} in doubt), "
            f"{sum(v.connects for v in self.visitors)} connections, "
            f"{self.oracle.reloads(self.visitors)} reloads, {len(self.oracle.flickers)} flickers, "
            f"close codes {dict(self.oracle.codes(self.visitors))}, "
            f"{sum(map(len, self.oracle.fences.granted.values()))} rights to edit, MiB "
            + ", ".join(f"{s.name} {resident(s) >> 20}" for s in self.stack.services())
        )
        for flicker in self.oracle.flickers[:5]:
            print("flicker:", *flicker)
        if wrong:
            raise Wrong(f"{len(wrong)} faults\n" + "\n".join(wrong[:40]))

    async def go_on(self, seconds: float = 5.0) -> None:
        """Let the load go on for so long."""
        await asyncio.sleep(seconds)

    async def changes(self, count: int) -> None:
        """Let the load go on for so many changes."""
        until = self._made() + count
        await eventually(lambda: self._made() >= until, within=120, what=f"{count} changes")

    def _made(self) -> int:
        return sum(map(len, self.writers.committed.values()))

    def _unseated(self) -> list[str]:
        return [visitor.name for visitor in self.visitors if not visitor.seated()]

    def _behind(self) -> list[str]:
        return self.oracle.behind(self.visitors, self.final)

    def _apart(self) -> list[str]:
        return self.oracle.apart(self.visitors)

    def _strange(self) -> list[str]:
        return self.oracle.strange(self.visitors)

    def _undecided(self) -> list[str]:
        return self.oracle.undecided(self.visitors)

    def processes(self) -> list[str]:
        """What is wrong with them."""
        return complaints(self.stack.services(), self.ended)


async def _none_left(what: str, left: Callable[[], list[str]], within: float) -> list[str]:
    try:
        await eventually(lambda: not left(), within=within)
    except AssertionError:
        return [f"not {what} at rest: {each}" for each in left()]
    return []
