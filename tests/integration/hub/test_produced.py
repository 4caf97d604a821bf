"""Which types were produced, read by a gateway out of the logs that a real hub wrote."""

from __future__ import annotations

from functools import partial

import pytest

from broker.port import Broker, Connect, Outgoing
from gateway import produced
from schemas import ids, topology
from tests.integration.hub.support import Backend, event, hub, listener
from tests.support.eventually import eventually


async def publish(broker: Broker, *events: tuple[str, str]) -> None:
    """Events of (document, type), each with an id of its own."""
    channel = await broker.open()
    said = [
        Outgoing(
            topology.IN,
            ids.routing_key(ids.parse_document(document)),
            event(document, f"{n}.{type}", type=type),
        )
        for n, (document, type) in enumerate(events)
    ]
    await channel.confirmed(await channel.send(said))
    await channel.close()


def more_than(backend: Backend, before: int) -> bool:
    return len(backend.taken) > before


async def types(broker: Broker, records: int = 500) -> dict[str, int]:
    found = await produced.produced(broker, records)
    return {name: seen.count for name, seen in found.types.items()}


async def test_it_sees_the_types_of_all_shards_and_leaves_the_logs_alone(connect: Connect) -> None:
    async with hub(connect), listener(connect, (topology.EVENTS, "#")) as backend:
        broker = await connect("somebody")
        documents = [f"article.{n}" for n in range(40)]
        await publish(broker, *((document, "note.added") for document in documents))
        await publish(broker, ("page.1", "report.ready"))
        await eventually(lambda: len(backend.taken) >= 41)
        for _ in range(2):
            assert await types(broker) == {"note.added": 40, "report.ready": 1}
        await broker.close()


async def test_it_goes_no_further_back_than_asked(connect: Connect) -> None:
    async with hub(connect), listener(connect, (topology.EVENTS, "#")) as backend:
        broker = await connect("somebody")
        await publish(broker, ("article.1", "old.news"))
        await eventually(lambda: len(backend.taken) == 1)
        for n in range(8):  # each in a turn, and so in a record, of its own
            before = len(backend.taken)
            await publish(broker, ("article.1", f"news.{n}"))
            await eventually(partial(more_than, backend, before))
        assert "news.7" in (late := await types(broker, 4))
        assert late.keys() <= {f"news.{n}" for n in range(4, 8)}
        assert "old.news" in await types(broker)
        await broker.close()


async def test_where_nothing_was_declared_or_written_there_is_nothing(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = await connect("somebody")
    assert await types(broker) == {}
    # With a test's patience; all logs are silent, and each for itself would take too long.
    monkeypatch.setattr(produced, "SILENT_S", 0.2)
    monkeypatch.setattr(produced, "SECONDS", 8 * 0.2)
    async with listener(connect):  # declares all, and nobody writes
        found = await produced.produced(broker, 500)
    assert (found.types, found.records, found.complete) == ({}, 0, True)
    await broker.close()


async def test_it_takes_no_longer_than_it_may(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(produced, "SILENT_S", 5.0)
    monkeypatch.setattr(produced, "SECONDS", 0.05)
    broker = await connect("somebody")
    async with listener(connect):
        assert not (await produced.produced(broker, 500)).complete
    await broker.close()
