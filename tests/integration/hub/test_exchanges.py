"""Documents' own exchanges: there while somebody is, or a backend is bound."""

import asyncio
import json

from broker.declare import declare
from broker.memory import Bus
from broker.port import Binding, Connect
from hub.exchanges import Order, Outcome
from hub.keeper import Keeper
from hub.settings import HubSettings
from schemas import codec, messages, topology
from schemas.ids import DocumentId, slot_of
from schemas.log import Batch
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import (
    QUICK,
    Backend,
    change,
    hub,
    listener,
    publish,
    records,
)
from tests.support.eventually import eventually

DOCUMENT = "article.42"
SLOT = slot_of(DocumentId(DOCUMENT))


async def test_a_documents_exchange_lasts_while_somebody_is_there_or_bound(
    connect: Connect,
) -> None:
    brief = HubSettings(
        heartbeat_ms=200, probe_ms=50, settle_ms=20, linger_ms=200, gateway_silent_beats=1000
    )
    name = topology.document_exchange(DocumentId(DOCUMENT))
    broker = await connect("watcher")

    async def gone() -> bool:
        return not await broker.exists(name)

    async with gateway(connect) as g, hub(connect, brief):
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: broker.exists(name))
        # A backend binds its queue to the document's own exchange, and everybody leaves.
        async with listener(connect, (name, f"{DOCUMENT}.event.#"), queue="b1") as backend:
            await g.act(DOCUMENT, messages.LeaveAct(connection="c1"))
            for n in range(30):
                await publish(connect, change(DOCUMENT, f"e{n}"))
                await asyncio.sleep(0.02)
            await eventually(lambda: sorted(_numbers(backend)) == list(range(1, 31)))
            assert await broker.exists(name)
        await broker.delete("b1")
        await eventually(gone)
        # And comes back with the next who joins.
        await g.join(DOCUMENT, "c2", "fry")
        await eventually(lambda: broker.exists(name))
    await broker.close()


async def test_a_successor_ends_the_exchanges_nobody_wants(connect: Connect) -> None:
    brief = HubSettings(heartbeat_ms=200, probe_ms=50, settle_ms=20, linger_ms=200)
    name = topology.document_exchange(DocumentId(DOCUMENT))
    broker = await connect("watcher")
    await declare(broker, topology.installation())
    async with hub(connect, QUICK), gateway(connect) as g:
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: broker.exists(name))
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])

        async def logged() -> bool:
            return any(b"exchange" in codec.pack(r) for r in await _batches(connect))

        await eventually(logged)
    async with hub(connect, brief):

        async def gone() -> bool:
            return not await broker.exists(name)

        await eventually(gone)
    await broker.close()


def _numbers(backend: Backend) -> list[int]:
    """As a backend keeps them that drops what it has seen."""
    return list(dict.fromkeys(json.loads(delivery.body)["seq"] for delivery in backend.taken))


async def _batches(connect: Connect) -> list[Batch]:
    return [record for record in await records(connect, SLOT) if isinstance(record, Batch)]


async def test_an_exchange_that_is_gone_behind_our_back_costs_one_take_over(
    connect: Connect,
) -> None:
    name = topology.document_exchange(DocumentId(DOCUMENT))
    broker = await connect("operator")
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.EVENTS, "article.42.event.#"), queue="b1") as backend,
    ):
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: broker.exists(name))
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        await broker.unbind([Binding(name, topology.EVENTS, "#", to="exchange")])
        assert not await broker.exists(name)
        await publish(connect, change(DOCUMENT, "e2"), change(DOCUMENT, "e3"))
        # Numbered before it was lost, published by the next ownership under the same number.
        # The message before may come twice: it was not acknowledged before there was another.
        await eventually(lambda: _numbers(backend) == [1, 2, 3])
    await broker.close()


async def test_an_owner_that_lost_its_shard_ends_no_exchange_of_its_successor() -> None:
    broker = await Bus().connect("hub")
    await declare(broker, topology.installation())
    await declare(broker, topology.document_topology(DocumentId(DOCUMENT)))
    keeper = Keeper(broker, per_second=1_000)
    done: list[Outcome] = []
    keeper.give(Order(DOCUMENT, open=False), done.append, lambda: False)
    keeper.give(Order("article.7", open=True), done.append, lambda: True)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(keeper.run())
        await eventually(lambda: done == [Outcome.OPENED])
        running.cancel()
    assert await broker.exists(topology.document_exchange(DocumentId(DOCUMENT)))
