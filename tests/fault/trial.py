"""Presently under load, its processes behind proxies, watched by an oracle.

    async with trial(amqp_url, database_url, folder, seed=1, hubs=2) as it:
        at = it.now()
        await it.kill(it.stack.hubs[0])
        await it.back(at, within=15)
        await it.settle()

Everything random comes from the seed. ``settle`` ends the load, waits for rest and raises
``Wrong`` with all that was seen and may not be.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import statistics
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from yarl import URL

from tests.fault.oracle import Oracle
from tests.fault.visitor import Visitor
from tests.fault.writers import Writers
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.rabbit import Rabbit
from tests.support.stack import Service, Stack, answers

DOCUMENTS = [f"page.{number}" for number in range(1, 9)]
QUIET = "page.40"
"""Written by nobody unless a test does."""
CATCH_UP_S = 60.0
REST_S = 60.0
"""Longer than it takes to count a gateway for lost."""


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
    stopping: bool = False

    def now(self) -> float:
        """``time.monotonic()``."""
        return time.monotonic()

    def line(self, service: Service) -> Proxy:
        """Between a service and the broker."""
        return self.lines[service.name]

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

    async def start(self, service: Service) -> None:
        """Again, at the same addresses."""
        await service.start()
        self.ended.discard(service.name)

    async def restart_broker(self, rabbit: Rabbit, *, hard: bool = False) -> None:
        """Stop it (``hard``: kill -9) and start it; returns when it answers."""
        await asyncio.to_thread(rabbit.restart, hard=hard)

    def pause(self, service: Service) -> None:
        """SIGSTOP."""
        assert service.process is not None
        service.process.send_signal(signal.SIGSTOP)

    def wake(self, service: Service) -> None:
        """SIGCONT."""
        assert service.process is not None
        service.process.send_signal(signal.SIGCONT)

    async def back(self, since: float, *, within: float, what: str = "") -> Times:
        """Return once every page has, of every document, a change committed after ``since``."""

        def firsts() -> list[float]:
            took = []
            for visitor in self.visitors:
                for document in DOCUMENTS:
                    if visitor.wants.get(document) is None:
                        continue
                    made = self.writers.committed[document].items()
                    arrived = [
                        visitor.ledger.arrivals[document, version]
                        for version, at in made
                        if at > since and (document, version) in visitor.ledger.arrivals
                    ]
                    assert arrived, f"{visitor.name} has nothing new of {document}"
                    took.append(min(arrived) - since)
            return took

        took = await eventually(firsts, within=within, what="every page hears of changes again")
        times = Times(statistics.median(took), max(took))
        if what:
            print(f"first change after {what}: {times}")
        return times

    async def steady(self, *, within: float = 30.0) -> None:
        """Return once every page is seated and hears of changes."""
        await eventually(lambda: all(v.seated() for v in self.visitors), within=within)
        await self.back(self.now(), within=within)

    async def settle(self) -> None:
        """End the load; raise what was wrong."""
        self.stopping = True
        self.writers.stop()
        wrong = [
            *await _none_left("seated", self._unseated, REST_S),
            *await _none_left("arrived", self._behind, CATCH_UP_S),
            *await _none_left("present", self._strange, REST_S),
        ]
        wrong += self.oracle.verdict(self.visitors) + self.processes()
        print(
            f"{self._made()} changes, "
            f"{sum(v.connects for v in self.visitors)} connections, "
            f"{self.oracle.reloads(self.visitors)} reloads, {len(self.oracle.flickers)} flickers, "
            f"close codes {dict(self.oracle.codes(self.visitors))}"
        )
        if wrong:
            raise Wrong(f"{len(wrong)} faults\n" + "\n".join(wrong[:40]))

    async def changes(self, count: int) -> None:
        """Let the load go on for so many changes."""
        until = self._made() + count
        await eventually(lambda: self._made() >= until, within=120, what=f"{count} changes")

    def _made(self) -> int:
        return sum(map(len, self.writers.committed.values()))

    def _unseated(self) -> list[str]:
        return [visitor.name for visitor in self.visitors if not visitor.seated()]

    def _behind(self) -> list[str]:
        return self.oracle.behind(self.visitors, self.writers)

    def _strange(self) -> list[str]:
        return self.oracle.strange(self.visitors)

    def processes(self) -> list[str]:
        """What is wrong with them: dead, or in the logs."""
        wrong = []
        for service in self.stack.services():
            said = service.said()
            if "Traceback" in said:
                raised = said[said.rindex("Traceback") :]
                wrong.append(f"{service.name} raised: {raised[:300]} … {raised[-1500:]}")
            wrong += [
                f"{service.name} logged {line[:300]}"
                for line in said.splitlines()
                if '"level": "error"' in line or '"level": "critical"' in line
            ]
            assert service.process is not None
            if service.process.returncode is not None and service.name not in self.ended:
                wrong.append(f"{service.name} died with {service.process.returncode}")
        return wrong


@contextlib.asynccontextmanager
async def trial(
    amqp_url: str,
    database_url: str,
    folder: Path,
    *,
    seed: int = 1,
    gateways: int = 2,
    hubs: int = 1,
    relays: int = 1,
    tabs: int = 12,
    per_second: float = 40.0,
) -> AsyncIterator[Trial]:
    """Start everything, under load and steady; end everything, whatever happened."""
    print(f"seed {seed}")
    writers = Writers(database_url, DOCUMENTS, seed)
    writers.committed[QUIET] = {}
    it = Trial(
        Stack(amqp_url, database_url, folder), writers, Oracle(), random.Random(f"{seed} acts")
    )
    async with writers.open():
        try:
            await _start(it, hubs, gateways, relays)
            _invite(it, tabs, seed)
            async with asyncio.TaskGroup() as tasks:
                living = [tasks.create_task(visitor.live()) for visitor in it.visitors]
                await eventually(lambda: all(v.seated() for v in it.visitors), within=30)
                tasks.create_task(writers.write(per_second))
                acting = tasks.create_task(_act(it))
                try:
                    await it.steady()
                    yield it
                except Exception:
                    print(*it.processes(), sep="\n")
                    raise
                finally:
                    it.stopping = True
                    writers.stop()
                    acting.cancel()
                    for visitor in it.visitors:
                        visitor.leave()
                    await asyncio.wait(living, timeout=10)
        finally:
            await _end(it)
    left = [
        f"{s.name} ended with {s.process.returncode}"
        for s in it.stack.services()
        if s.process and s.process.returncode and s.name not in it.ended
    ]
    assert not left, left


async def _start(it: Trial, hubs: int, gateways: int, relays: int) -> None:
    stack = it.stack
    for number in range(hubs):
        await stack.add_hub(await _by_wire(it, f"hub {number}"))
    async with asyncio.TaskGroup() as tasks:
        for number in range(gateways):
            tasks.create_task(stack.add_gateway(await _by_wire(it, f"gateway {number}")))
            await asyncio.sleep(0)  # It takes its number when its task begins.
        for number in range(relays):
            tasks.create_task(stack.add_relay(await _by_wire(it, f"relay {number}")))
            await asyncio.sleep(0)


async def _by_wire(it: Trial, name: str) -> dict[str, str]:
    url = URL(it.stack.amqp_url)
    proxy = it.lines[name] = await Proxy.to(url.host or "127.0.0.1", url.port or 5672)
    return {"PRESENTLY_AMQP_URL": str(url.with_host("127.0.0.1").with_port(proxy.port))}


def _invite(it: Trial, tabs: int, seed: int) -> None:
    """Most stay where they are in one mode; a third come, change and go. Two share a user."""

    def urls() -> list[str]:
        return [gateway.url for gateway in it.stack.gateways]

    for number in range(tabs):
        stays = number % 3 != 2
        user = f"user{number if number != 2 else 0}"
        visitor = Visitor(
            f"page-{number}",
            user,
            it.oracle,
            urls,
            it.writers.version,
            random.Random(f"{seed} visitor {number}"),
        )
        if stays:
            it.oracle.stayers.add(user)
        for document in (*DOCUMENTS, QUIET):
            mode = ("watching", "reading", "editing")[(number + len(document)) % 3]
            visitor.want(document, "reading" if stays and mode == "watching" else mode)
        it.visitors.append(visitor)


async def _act(it: Trial) -> None:
    """What people do all the time, until the load ends."""
    restless = [visitor for number, visitor in enumerate(it.visitors) if number % 3 == 2]
    async with asyncio.TaskGroup() as tasks:
        while not it.stopping:
            await asyncio.sleep(it.dice.expovariate(4.0))
            someone, document = it.dice.choice(it.visitors), it.dice.choice(DOCUMENTS)
            if it.dice.random() < 0.5:
                if document in someone.wants:
                    tasks.create_task(someone.say(document))
                continue
            mover = it.dice.choice(restless)
            if it.dice.random() < 0.1:
                mover.navigate()
            else:
                mode = it.dice.choice([None, "watching", "reading", "editing"])
                mover.want(document, mode)


async def _end(it: Trial) -> None:
    for line in it.lines.values():
        line.restore()
    for service in it.stack.services():
        if service.process is not None and service.process.returncode is None:
            it.wake(service)
            try:
                await service.stop()
            except AssertionError as error:
                print(error)
    for line in it.lines.values():
        await line.close()


async def _none_left(what: str, left: Callable[[], list[str]], within: float) -> list[str]:
    try:
        await eventually(lambda: not left(), within=within)
    except AssertionError:
        return [f"not {what} at rest: {each}" for each in left()]
    return []


def ready(service: Service) -> bool:
    """Whether a service says that it is."""
    return answers(f"http://127.0.0.1:{service.ops_port}/readyz")
