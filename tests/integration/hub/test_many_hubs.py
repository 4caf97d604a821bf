"""Hubs come and go under load; each shard is worked on by one, at rest by whom the table names."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial

from broker.port import Connect
from hub.settings import HubSettings
from schemas.ids import SLOTS, DocumentId, slot_of
from schemas.log import Batch, Claim, Numbered
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import QUICK, Machine, change, hub, records
from tests.support.eventually import eventually

DOCUMENTS = [f"article.{n}" for n in range(24)]


class Load:
    """Publishes to all documents in turn until it is told to stop."""

    def __init__(self, connect: Connect) -> None:
        self.sent: Counter[str] = Counter()
        self._connect = connect
        self._enough = False

    async def run(self) -> None:
        broker = await self._connect("producer")
        async with await broker.open() as channel:
            for document in itertools.cycle(DOCUMENTS):
                if self._enough:
                    break
                self.sent[document] += 1
                event = change(document, f"e{self.sent[document]}")
                await channel.confirmed(await channel.send([event]))
                await asyncio.sleep(0.005)
        await broker.close()

    def stop(self) -> None:
        self._enough = True


def all_heard(g: Gateway, load: Load) -> bool:
    for document in DOCUMENTS:
        expected = [(n, f"e{n}") for n in range(1, load.sent[document] + 1)]
        assert g.events(document) == expected
    return True


async def test_one_then_two_then_four_then_one_under_load(connect: Connect) -> None:
    load = Load(connect)
    async with AsyncExitStack() as running, gateway(connect) as g, asyncio.TaskGroup() as tasks:
        stop = {"h1": await running.enter_async_context(hub(connect, name="h1"))}
        for number, document in enumerate(DOCUMENTS):
            await g.join(document, f"c{number}", f"user-{number}", ask=number + 1)
        await eventually(lambda: len(g.places) == len(DOCUMENTS))
        await eventually(lambda: g.at_rest("h1"))
        tasks.create_task(load.run())
        for more in (["h2"], ["h3", "h4"]):
            for name in more:
                stop[name] = await running.enter_async_context(hub(connect, name=name))
            await eventually(lambda: g.at_rest(*stop), within=20)
        for name in ("h1", "h3", "h4"):
            stop.pop(name).set()
        await eventually(lambda: g.at_rest("h2"), within=20)
        load.stop()
        await eventually(lambda: all_heard(g, load), within=20)
        await eventually(lambda: len(g.present(DOCUMENTS[0])) == 1)
    assert not [heard for heard in g.heard if heard.marks.what == "reset"]
    facts = [
        fact
        for slot in range(SLOTS)
        for record in await records(connect, slot)
        if isinstance(record, Batch)
        for fact in record.facts
        if isinstance(fact, Numbered)
    ]
    assert len({(fact.document, fact.epoch) for fact in facts}) == len(DOCUMENTS)
    for document in DOCUMENTS:
        seqs = [fact.seq for fact in facts if fact.document == document]
        assert seqs == list(range(1, load.sent[document] + 1))


async def test_the_next_takes_over_from_a_dead_owner_and_hands_back_when_it_returns(
    connect: Connect,
) -> None:
    machine = Machine(connect)
    async with (
        gateway(connect) as g,
        hub(connect, name="stays"),
        AsyncExitStack() as running,
    ):
        await running.enter_async_context(hub(machine.connect, name="dies"))
        await eventually(lambda: g.at_rest("stays", "dies"), within=20)
        await machine.die()
        await eventually(lambda: g.at_rest("stays"), within=20)
        await running.enter_async_context(hub(connect, QUICK, name="comes"))
        await eventually(lambda: g.at_rest("stays", "comes"), within=20)


async def test_a_good_bye_costs_each_shard_one_take_over_and_no_silence(connect: Connect) -> None:
    document = DOCUMENTS[0]
    slot = slot_of(DocumentId(document))
    async with (
        gateway(connect) as g,
        hub(connect, name="h1") as first,
        hub(connect, name="h2") as second,
    ):
        await g.join(document, "c1", "leela")
        await eventually(lambda: g.at_rest("h1", "h2"), within=20)
        claims = [r for r in await records(connect, slot) if isinstance(r, Claim)]
        owner = claims[-1].worker
        {"h1": first, "h2": second}[owner].set()
        other = "h2" if owner == "h1" else "h1"
        await eventually(lambda: g.at_rest(other), within=20)
        after = [r for r in await records(connect, slot) if isinstance(r, Claim)]
        assert [claim.worker for claim in after[len(claims) :]] == [other]


async def test_a_gateway_that_comes_is_told_at_once_who_is_there(connect: Connect) -> None:
    slow = HubSettings(heartbeat_ms=60_000, settle_ms=20)
    async with hub(connect, slow, name="h1"), hub(connect, slow, name="h2"):
        for number in range(3):
            async with gateway(connect, f"g{number}") as g:
                await eventually(partial(told_of, g, "h1", "h2"), within=2)


def told_of(g: Gateway, *hubs: str) -> bool:
    return set(g.hubs) == set(hubs)
