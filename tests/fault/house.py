"""Starts everything a trial needs, keeps it under load, and ends it, whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

from yarl import URL

from tests.fault.oracle import Oracle
from tests.fault.trial import DOCUMENTS, QUIET, Trial
from tests.fault.visitor import Visitor
from tests.fault.writers import Writers
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import Stack


@contextlib.asynccontextmanager
async def started(
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
