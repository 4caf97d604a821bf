"""Rows that were there before: each told once, whatever happens, and none the last when stale."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import asyncpg
import pytest

from broker.memory import Bus
from producers.postgres import backfill as backfill_module
from producers.postgres.backfill import CHUNK_MOST, Backfill, Busy, Progress
from producers.postgres.relay import Relay
from tests.integration.producers.postgres.outbox_rows import told
from tests.integration.producers.postgres.shards import Shards
from tests.support.eventually import eventually

ARTICLES = """
    CREATE TABLE article (id int PRIMARY KEY, title text, secret text);
    INSERT INTO article SELECT n, 'title ' || n, 'x' FROM generate_series(1, {rows}) AS n;
    SELECT presently.capture('article', 'article.{{id}}', '{{title}}');
"""


async def tell(connection: asyncpg.Connection, table: str = "article", **more: Any) -> Progress:
    work = Backfill(connection, table, **more)
    begun = await work.begin()
    return [begun, *[now async for now in work.run(begun)]][-1]


async def test_every_row_is_told_once_as_its_changes_would_be(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLES.format(rows=25))
    assert await tell(db, chunk=10) == Progress(25, 25)
    events = await told(db)
    assert [event.document for event in events] == [f"article.{n}" for n in range(1, 26)]
    assert {(event.type, event.actor) for event in events} == {("presently.change", None)}
    assert events[6].data == {
        "op": "r",
        "entity": "article",
        "key": {"id": 7},
        "after": {"title": "title 7"},
    }
    assert await db.fetchval("SELECT count(*) FROM presently.backfill") == 0


async def test_only_some_rows_and_only_the_key(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLES.format(rows=9))
    await db.execute("SELECT presently.capture('article', 'article.{id}')")
    assert await tell(db, where="id % 2 = 0 AND article.title <> '' -- and no more") == Progress(
        4, 4
    )
    assert [event.data for event in await told(db)] == [
        {"op": "r", "entity": "article", "key": {"id": n}} for n in (2, 4, 6, 8)
    ]


async def test_composite_keys_odd_names_partitions_and_rows_of_no_document(
    db: asyncpg.Connection,
) -> None:
    await db.execute("""
        CREATE SCHEMA "S s"; CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE "S s"."T t" ("a b" text, at timestamptz, mood mood, n numeric,
                                  PRIMARY KEY ("a b", at)) PARTITION BY LIST ("a b");
        CREATE TABLE one PARTITION OF "S s"."T t" FOR VALUES IN ('x/y');
        CREATE TABLE two PARTITION OF "S s"."T t" DEFAULT;
        INSERT INTO "S s"."T t"
        SELECT k, timestamptz '2026-01-01 00:00:00.25+00' + n * interval '1 day', m::mood, 1.50
        FROM unnest(ARRAY['x/y', '~'], ARRAY['good', NULL]) AS w(k, m), generate_series(1, 3) AS n;
        SELECT presently.capture('"S s"."T t"', 'odd.{mood}.{a b}', '{*}')
    """)
    assert await tell(db, '"S s"."T t"', chunk=1) == Progress(6, 6)
    events = await told(db)
    assert [event.document for event in events] == ["odd.good.x%2Fy"] * 3
    assert events[1].data["key"] == {"a b": "x/y", "at": "2026-01-03T00:00:00.25+00:00"}
    assert events[1].data["after"] == {**events[1].data["key"], "mood": "good", "n": 1.5}


async def test_a_long_row_loses_its_long_values(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLES.format(rows=1) + "UPDATE article SET title = repeat('x', 100000);")
    await told(db)
    await tell(db)
    (event,) = await told(db)
    assert (event.data["after"], event.data["omitted"]) == ({}, ["title"])


async def test_killed_in_the_middle_it_goes_on_and_tells_nothing_twice(
    db: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    await db.execute(ARTICLES.format(rows=50))
    work = Backfill(db, "article", chunk=20)
    begun = await work.begin()
    async for now in work.run(begun):
        if now.told == 20:
            break
    with pytest.raises(Busy, match="another backfill of article runs"):
        await Backfill(other, "article").begin()
    db.terminate()

    async def begin_again() -> Progress | None:
        try:
            return await Backfill(other, "article").begin()
        except Busy:
            return None

    again = await eventually(begin_again)
    assert again == Progress(20, 50)
    await other.fetchval("SELECT pg_advisory_unlock_all()")
    assert await tell(other) == Progress(50, 50)
    assert [event.document for event in await told(other)] == [f"article.{n}" for n in range(1, 51)]


async def test_a_chunk_has_a_bound_whatever_is_asked_for(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLES.format(rows=CHUNK_MOST + 1))
    work = Backfill(db, "article", chunk=10 * CHUNK_MOST)
    async for now in work.run(await work.begin()):
        assert now.told == CHUNK_MOST
        break


async def test_begun_anew_it_tells_all_of_them_again(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLES.format(rows=5))
    work = Backfill(db, "article", chunk=2)
    async for _ in work.run(await work.begin()):
        break
    assert (await work.begin(anew=True)).told == 0


async def test_a_row_that_somebody_changes_is_told_after_the_change_and_nobody_waits(
    db: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    """A writer has one row and then wants another, in the order that would be a deadlock."""
    await db.execute(ARTICLES.format(rows=10))
    await other.execute("BEGIN; UPDATE article SET title = 'new' WHERE id = 7")
    await other.execute("SET LOCAL lock_timeout = '2s'")
    work = Backfill(db, "article", chunk=100)
    seen = []
    async for now in work.run(await work.begin()):
        seen.append((now.told, now.waits))
        if now.waits == "row":
            await other.execute("UPDATE article SET title = 'new' WHERE id = 2")
            await other.execute("COMMIT")
    assert seen[0] == (9, "")
    assert seen[-1] == (10, "")
    assert (9, "row") in seen
    last = {event.document: event.data for event in await told(db)}
    assert last["article.7"]["op"] == "r"
    assert last["article.7"]["after"] == {"title": "new"}
    assert last["article.2"]["after"] == {"title": "new"}


async def test_however_many_write_meanwhile_the_last_event_of_each_row_is_the_row(
    db: asyncpg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_module, "WAITING", 1_000_000)  # there is no relay
    seed = random.randrange(2**32)
    luck = random.Random(seed)
    await db.execute(ARTICLES.format(rows=300))
    done = asyncio.Event()

    async def write(luck: random.Random) -> None:
        writer = await asyncpg.connect(database_url)
        try:
            while not done.is_set():
                work = writer.transaction()
                await work.start()
                for row in sorted(luck.sample(range(1, 301), 3)):  # no deadlocks
                    text = f"{luck.random()}"
                    await writer.execute(f"UPDATE article SET title = '{text}' WHERE id = {row}")
                await (work.rollback() if luck.random() < 0.2 else work.commit())
        finally:
            await writer.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(write(random.Random(luck.random())))
        for _ in range(3):
            await tell(db, chunk=luck.choice([1, 7, 40]))
        done.set()
    last = {event.document: event.data for event in await told(db)}
    rows = await db.fetch("SELECT id, title FROM article")
    stale = [
        row["id"] for row in rows if last[f"article.{row['id']}"]["after"]["title"] != row["title"]
    ]
    assert stale == [], f"seed {seed}"


async def test_it_waits_for_the_relay_rather_than_fill_the_outbox(
    db: asyncpg.Connection,
    other: asyncpg.Connection,
    database_url: str,
    bus: Bus,
    shards: Shards,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backfill_module, "WAITING", 100)
    await db.execute(ARTICLES.format(rows=400))
    most, waited, now = 0, False, Progress(0, 0)
    work = Backfill(db, "article", chunk=50)
    relay = Relay(database_url, bus.connect)
    async with asyncio.TaskGroup() as tasks:
        relaying: asyncio.Task[None] | None = None
        async for now in work.run(await work.begin()):
            most = max(most, await other.fetchval("SELECT count(*) FROM presently.outbox"))
            if now.waits == "relay" and relaying is None:
                waited = True
                relaying = tasks.create_task(relay.run())
        assert relaying is not None
        await eventually(lambda: relay.status.published == 400)
        relay.stop()
    assert (waited, now.told) == (True, 400)
    assert most <= 150
    documents = await shards.documents()
    assert len(documents) == len(set(documents)) == 400


@pytest.mark.parametrize(
    ("table", "where", "says"),
    [
        ("nowhere", "true", 'relation "nowhere" does not exist'),
        ("plain", "true", "plain is not captured"),
        ("keyless", "true", "keyless has no primary key"),
        ("article", "ids > 1", 'column "ids" does not exist'),
        ("article", "id > 1)", "syntax error"),
    ],
)
async def test_what_cannot_be_told_is_refused_before_anything_is(
    db: asyncpg.Connection, table: str, where: str, says: str
) -> None:
    await db.execute(
        ARTICLES.format(rows=3) + "CREATE TABLE plain (id int PRIMARY KEY);"
        "CREATE TABLE keyless (id int); SELECT presently.capture('keyless', 'keyless.{id}');"
    )
    with pytest.raises(asyncpg.PostgresError, match=says.replace("(", r"\(")):
        await tell(db, table, where=where)
    assert await told(db) == []
    assert await db.fetchval("SELECT count(*) FROM presently.backfill") == 0
