"""Starts everything a trial needs, keeps it under load, and ends it, whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tests.fault import load
from tests.fault.oracle import Oracle
from tests.fault.trial import Trial
from tests.fault.writers import Writers
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.stack import Gateway, Stack

WRITERS = "writers"


@contextlib.asynccontextmanager
async def started(
    amqp_url: str | Sequence[str],
    database_url: str,
    folder: Path,
    *,
    seed: int = 1,
    gateways: int = 2,
    hubs: int = 1,
    relays: int = 1,
    doors: bool = False,
    tabs: int | None = None,
    per_second: float | None = None,
    settings: Mapping[str, str] | None = None,
    choose: Callable[[Sequence[Gateway]], Sequence[Gateway]] = list,
) -> AsyncIterator[Trial]:
    """Start everything, under load and steady; end everything, whatever happened.

    Args:
        amqp_url: The broker; or the nodes of a cluster, each process knows them all.
        doors: Let browsers come to gateways through proxies.
        tabs: Pages; what ``load.chosen`` says if not given.
        per_second: Row changes; likewise.
        settings: More of them, for every process.
        choose: The gateways that a balancer would send pages to.
    """
    print(f"seed {seed}")
    nodes = [amqp_url] if isinstance(amqp_url, str) else list(amqp_url)
    usual = load.chosen()
    lines = {WRITERS: await _line(urlsplit(database_url))}
    writers = Writers(
        _by(lines[WRITERS], database_url), database_url, [*load.DOCUMENTS, load.QUIET], seed
    )
    it = Trial(
        Stack(nodes[0], database_url, folder),
        writers,
        Oracle(),
        random.Random(f"{seed} acts"),
        lines=lines,
    )
    async with writers.open():
        try:
            await _start(it, nodes, hubs, gateways, relays, settings or {})
            if doors:
                await _open_doors(it)
            it.visitors = load.invited(
                usual.tabs if tabs is None else tabs,
                seed,
                it.oracle,
                lambda: [gateway.url for gateway in choose(it.stack.gateways)],
                writers.version,
            )
            async with asyncio.TaskGroup() as tasks:
                living = [tasks.create_task(visitor.live()) for visitor in it.visitors]
                await eventually(lambda: all(v.seated() for v in it.visitors), within=60)
                rate = usual.per_second if per_second is None else per_second
                writing = tasks.create_task(writers.write(load.DOCUMENTS, rate))
                it.acting = tasks.create_task(load.act(it.visitors, it.dice, tasks))
                try:
                    await it.steady()
                    yield it
                except Exception:
                    print(*it.processes(), sep="\n")
                    raise
                finally:
                    await it.rest()
                    for line in it.lines.values():
                        line.restore()
                    for visitor in it.visitors:
                        visitor.leave()
                    await asyncio.wait([writing, *living], timeout=20)
        finally:
            await _end(it)
    left = [
        f"{s.name} ended with {s.process.returncode}"
        for s in it.stack.services()
        if s.process and s.process.returncode and s.name not in it.ended
    ]
    assert not left, left


async def _start(
    it: Trial,
    nodes: Sequence[str],
    hubs: int,
    gateways: int,
    relays: int,
    settings: Mapping[str, str],
) -> None:
    """The first relay is the one that works; the others stand by."""
    stack = it.stack
    for number in range(hubs):
        more = await _by_wire(it, nodes, f"hub {number}")
        await stack.add_hub({**more, **settings})
    async with asyncio.TaskGroup() as tasks:
        for number in range(gateways):
            more = await _by_wire(it, nodes, f"gateway {number}")
            tasks.create_task(stack.add_gateway({**more, **settings}))
            await asyncio.sleep(0)  # It takes its number when its task begins.
        for number in range(relays):
            more = await _by_wire(it, nodes, f"relay {number}")
            await stack.add_relay({**more, **settings})


async def _open_doors(it: Trial) -> None:
    for gateway in it.stack.gateways:
        door = it.lines[f"{gateway.name} door"] = await _line(urlsplit(gateway.url))
        gateway.url = _by(door, gateway.url)


async def _by_wire(it: Trial, nodes: Sequence[str], name: str) -> dict[str, str]:
    """Settings by which a process finds the broker, and a relay the database, through proxies: to
    each node of a cluster one of its own."""
    wires = []
    for number, node in enumerate(nodes):
        line = await _line(urlsplit(node))
        it.lines[name if len(nodes) == 1 else f"{name} to {number}"] = line
        wires.append(_by(line, node))
    more = {"PRESENTLY_AMQP_URL": ",".join(wires)}
    if name.startswith("relay"):
        line = it.lines[f"{name} database"] = await _line(urlsplit(it.stack.database_url))
        more["PRESENTLY_DATABASE_URL"] = _by(line, it.stack.database_url)
    return more


async def _line(to: SplitResult) -> Proxy:
    return await Proxy.to(to.hostname or "127.0.0.1", to.port or 0)


def _by(line: Proxy, url: str) -> str:
    """The URL, by way of a proxy."""
    before, _, _ = urlsplit(url).netloc.rpartition("@")
    netloc = f"{before}@127.0.0.1:{line.port}" if before else f"127.0.0.1:{line.port}"
    return urlsplit(url)._replace(netloc=netloc).geturl()


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
