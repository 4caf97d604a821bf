"""`recorded_events(connection)`: the outbox, read inside the test's own transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from presently.testing import recorded_events

pytestmark = pytest.mark.postgres
TABLE = "CREATE TABLE article (id int PRIMARY KEY, title text, updated_by text)"
CAPTURE = "SELECT presently.capture('article', 'article.{id}', '{title}', actor => 'updated_by')"


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(TABLE)
    await connection.execute(CAPTURE)
    yield connection
    await connection.close()


class PlainCursor:
    """As much of PEP 249 as an application's connection has, over asyncpg."""

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Any) -> None:
        self._loop, self._connection = loop, connection
        self._rows: list[Any] = []

    def execute(self, sql: str) -> None:
        self._rows = [tuple(r) for r in self._loop.run_until_complete(self._connection.fetch(sql))]

    def fetchall(self) -> list[Any]:
        return self._rows

    def close(self) -> None:
        self._rows = []


class PlainConnection:
    """A connection of PEP 249."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._connection = self._loop.run_until_complete(asyncpg.connect(url))

    def cursor(self) -> PlainCursor:
        return PlainCursor(self._loop, self._connection)

    def run(self, sql: str) -> None:
        self.cursor().execute(sql)

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture
def plain(database_url: str) -> Iterator[PlainConnection]:
    connection = PlainConnection(database_url)
    connection.run(TABLE)
    connection.run(CAPTURE)
    yield connection
    connection.close()


async def test_changes_and_own_events_are_seen_without_a_commit(connection: Any) -> None:
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("INSERT INTO article VALUES (1, 'Mars', 'amy')")
    async with recorded_events(connection) as events:
        await connection.execute("UPDATE article SET title = 'Moon', updated_by = 'fry'")
        await connection.execute("SELECT presently.publish('article.1', 'a.b', '{\"n\": null}')")
    assert [(event["type"], event["subject"], event.get("actor")) for event in events] == [
        ("presently.change", "article.1", "fry"),
        ("a.b", "article.1", None),
    ]
    assert events[0]["data"]["op"] == "u"
    assert events[0]["data"]["after"] == {"title": "Moon"}
    assert events[1]["data"] == {"n": None}
    assert events[0]["time"].endswith("Z")
    await transaction.rollback()


async def test_a_rollback_leaves_nothing_for_the_next_test(connection: Any) -> None:
    for _ in range(2):
        transaction = connection.transaction()
        await transaction.start()
        async with recorded_events(connection) as events:
            await connection.execute("INSERT INTO article VALUES (1, 'Mars', 'amy')")
        assert len(events) == 1
        await transaction.rollback()
    assert await connection.fetchval("SELECT count(*) FROM presently.outbox") == 0


async def test_an_error_in_the_block_is_the_one_that_is_seen(connection: Any) -> None:
    async def block() -> None:
        async with connection.transaction(), recorded_events(connection):
            await connection.execute("INSERT INTO article VALUES (1, 'Mars', 'amy')")
            await connection.execute("INSERT INTO article VALUES (1, 'Moon', 'amy')")

    with pytest.raises(asyncpg.UniqueViolationError):
        await block()


def test_an_ordinary_connection_works_the_same(plain: PlainConnection) -> None:
    plain.run("BEGIN")
    with recorded_events(plain) as events:
        plain.run("INSERT INTO article VALUES (1, 'Mars', 'amy')")
    plain.run("ROLLBACK")
    assert [(event["data"]["op"], event["actor"]) for event in events] == [("c", "amy")]


async def test_the_wrong_kind_of_block_is_named(connection: Any) -> None:
    with pytest.raises(TypeError, match="async with"), recorded_events(connection):
        pass


def test_the_wrong_kind_of_block_is_named_the_other_way_round(plain: PlainConnection) -> None:
    async def block() -> None:
        async with recorded_events(plain):
            pass

    with pytest.raises(TypeError, match="with recorded_events"):
        asyncio.run(block())
