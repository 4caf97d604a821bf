"""What was committed before a TRUNCATE is in its shard before anybody hears of the TRUNCATE."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

from broker.memory import Bus
from broker.port import Broker, Channel, Outgoing
from producers.postgres.relay import Relay
from schemas import topology
from tests.integration.producers.postgres.outbox_rows import ARTICLE
from tests.integration.producers.postgres.shards import Shards, running
from tests.support.eventually import eventually


class _Broker:
    """Notes which events were on their way at once."""

    def __init__(self, inner: Broker, batches: list[list[str]]) -> None:
        self._inner = inner
        self._batches = batches

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> _Channel:
        return _Channel(await self._inner.open(), self._batches)


class _Channel:
    def __init__(self, inner: Channel, batches: list[list[str]]) -> None:
        self._inner = inner
        self._batches = batches
        self._under_way: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, batch: Sequence[Outgoing]) -> int:
        events = [json.loads(one.body) for one in batch if one.exchange == topology.IN]
        if events:
            self._under_way += [event["data"]["op"] for event in events]
            self._batches.append([*self._under_way])
        return await self._inner.send(batch)

    async def confirmed(self, upto: int) -> None:
        await self._inner.confirmed(upto)
        self._under_way.clear()


async def test_a_truncate_waits_until_all_before_it_was_confirmed(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    batches: list[list[str]] = []

    async def connect(name: str) -> Any:
        return _Broker(await bus.connect(name), batches)

    await db.execute(ARTICLE)
    await db.execute(
        "BEGIN; INSERT INTO article SELECT n, 'x', 'new', 'fry' FROM generate_series(1, 20) n;"
        " TRUNCATE article; INSERT INTO article VALUES (1, 'y', 'new', 'fry'); COMMIT"
    )
    async with running(Relay(database_url, connect)) as relay:
        await eventually(lambda: relay.status.published == 22)
    assert batches == [["c"] * 20, ["t", "c"]]
