"""How an outbox is usually read, and what becomes of it; ours beside it, on the same rows.

Each test first shows the mistake happen, so that what it guards against is real. The queries are
those one finds everywhere: by id; by (transaction, id) below the oldest running transaction; the
difference of two snapshots with a second one taken anew after a crash; OFFSET-like pages.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from producers.postgres.outbox import Outbox
from tests.integration.producers.postgres.outbox_rows import ARTICLE

pytestmark = pytest.mark.postgres

BY_ID = "SELECT id, document FROM presently.outbox WHERE id > $1 ORDER BY id"
BELOW_THE_OLDEST = """
SELECT xid::text, id, document, data FROM presently.outbox
WHERE (xid, id) > ($1::text::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, id"""
ONE_SNAPSHOT = """
SELECT id, document FROM presently.outbox
WHERE NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot) AND id > $2 ORDER BY id"""
A_PAGE = """
SELECT id FROM presently.outbox
WHERE (xid >= pg_snapshot_xmax($1::text::pg_snapshot)
       OR xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))))
  AND pg_visible_in_snapshot(xid, $2::text::pg_snapshot) AND id > $3
ORDER BY id LIMIT 500"""


@pytest.fixture
async def naive(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The session of a relay as one would write it."""
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def ours(database_url: str) -> AsyncIterator[Outbox]:
    connection = await asyncpg.connect(database_url)
    try:
        yield await claimed(connection)
    finally:
        await connection.close()


async def claimed(connection: asyncpg.Connection) -> Outbox:
    outbox = Outbox(connection, owner="me")
    await outbox.claim()
    return outbox


async def take(outbox: Outbox) -> list[str]:
    """The documents of everything new."""
    seen: list[str] = []
    async for page in outbox.pages():
        seen += [row.document for row in page.rows]
        await outbox.move(page.then)
    return seen


async def publish(writer: asyncpg.Connection, *words: str) -> None:
    for word in words:
        await writer.execute(f"SELECT presently.publish('t.{word}', 'x')")


async def test_a_cursor_on_ids_never_sees_what_commits_late(
    db: asyncpg.Connection, other: asyncpg.Connection, naive: asyncpg.Connection, ours: Outbox
) -> None:
    late = db.transaction()
    await late.start()
    await publish(db, "late")
    await publish(other, "early")
    (seen,) = await naive.fetch(BY_ID, 0)
    assert await take(ours) == ["t.early"]
    await late.commit()
    assert await naive.fetch(BY_ID, seen["id"]) == []  # lost
    assert await take(ours) == ["t.late"]


async def test_a_cursor_below_the_oldest_transaction_turns_the_history_of_a_row_round(
    db: asyncpg.Connection, other: asyncpg.Connection, naive: asyncpg.Connection, ours: Outbox
) -> None:
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'first'), (2, 'first')")
    (*_, before) = await naive.fetch(BELOW_THE_OLDEST, "0", 0)
    await take(ours)
    early = db.transaction()
    await early.start()
    await db.execute("UPDATE article SET title = 'x' WHERE id = 2")  # takes the lower number
    await other.execute("UPDATE article SET title = 'second' WHERE id = 1")
    await db.execute("UPDATE article SET title = 'third' WHERE id = 1")
    await early.commit()

    def titles(rows: list[tuple[str, str]]) -> list[str]:
        told = [json.loads(data) for document, data in rows if document == "article.1"]
        return [data["after"]["title"] for data in told]

    rows = await naive.fetch(BELOW_THE_OLDEST, before["xid"], before["id"])
    assert titles([(row["document"], row["data"]) for row in rows]) == ["third", "second"]
    pages = [page async for page in ours.pages()]
    assert titles([(row.document, row.data) for page in pages for row in page.rows]) == [
        "second",
        "third",
    ]


@pytest.mark.parametrize("end", ["COMMIT", "COMMIT PREPARED 'one'"])
async def test_a_cursor_below_the_oldest_transaction_waits_for_whoever_does_nothing(
    db: asyncpg.Connection,
    other: asyncpg.Connection,
    naive: asyncpg.Connection,
    ours: Outbox,
    end: str,
) -> None:
    """An idle writer, or what a coordinator prepared and forgot. Only their own rows wait."""
    await db.execute("CREATE TABLE unrelated (id int)")
    await db.execute(
        "BEGIN; INSERT INTO unrelated VALUES (1); SELECT presently.publish('t.own', 'x')"
    )
    if "PREPARED" in end:
        await db.execute("PREPARE TRANSACTION 'one'")
    try:
        await publish(other, "a", "b")
        assert await naive.fetch(BELOW_THE_OLDEST, "0", 0) == []  # and so for ever
        assert await take(ours) == ["t.a", "t.b"]
    finally:
        await db.execute(end)
    assert await take(ours) == ["t.own"]


async def test_a_batch_that_goes_on_with_a_new_snapshot_loses_what_committed_meanwhile(
    db: asyncpg.Connection,
    other: asyncpg.Connection,
    naive: asyncpg.Connection,
    database_url: str,
) -> None:
    """Killed in mid-batch while a long transaction is open, whose id is below the cursor."""
    late = db.transaction()
    await late.start()
    await publish(db, "late")
    await publish(other, "2", "3", "4", "5")
    dying = await asyncpg.connect(database_url)
    pages = (await claimed(dying)).pages(2)
    page = await anext(pages)
    (*_, last) = page.rows
    outbox = await claimed(dying)
    await outbox.move(page.then)
    dying.terminate()  # kill -9
    await late.commit()

    seen = await naive.fetchval("SELECT seen::text FROM presently.relay")
    rest = await naive.fetch(ONE_SNAPSHOT, seen, last.id)
    assert [row["document"] for row in rest] == ["t.4", "t.5"]
    done = await naive.fetchval("SELECT pg_current_snapshot()::text")  # its batch is finished
    assert await naive.fetch(ONE_SNAPSHOT, done, 0) == []  # lost

    again = await claimed(naive)
    assert await take(again) == ["t.4", "t.5"]
    assert await take(again) == ["t.late"]


async def test_a_purge_by_ids_deletes_what_nobody_was_told(
    db: asyncpg.Connection, other: asyncpg.Connection, naive: asyncpg.Connection, ours: Outbox
) -> None:
    late = db.transaction()
    await late.start()
    await publish(db, "late")
    await publish(other, "early")
    assert await take(ours) == ["t.early"]
    published = await naive.fetchval("SELECT max(id) FROM presently.outbox")
    await late.commit()
    loose = naive.transaction()
    await loose.start()
    await naive.execute("DELETE FROM presently.outbox WHERE id <= $1", published)
    assert await naive.fetchval("SELECT count(*) FROM presently.outbox") == 0  # lost
    await loose.rollback()
    assert await ours.purge() == 1
    assert await take(ours) == ["t.late"]


async def rows_sorted(naive: asyncpg.Connection, *arguments: object) -> float:
    """By one page of a query with LIMIT."""
    explained = await naive.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {A_PAGE}", *arguments)
    plan = json.loads(explained)[0]["Plan"]
    while plan["Node Type"] != "Sort":
        (plan,) = [each for each in plan["Plans"] if each["Parent Relationship"] == "Outer"]
    (below,) = plan["Plans"]
    return float(below["Actual Rows"])


async def test_a_page_by_limit_sorts_all_that_is_left_and_ours_sorts_a_batch_once(
    db: asyncpg.Connection, other: asyncpg.Connection, naive: asyncpg.Connection
) -> None:
    await db.execute(ARTICLE)
    await db.execute("INSERT INTO article SELECT n FROM generate_series(1, 10000) AS n")
    await naive.execute("ANALYZE presently.outbox; SET enable_indexscan = off; SET jit = off")
    seen = await naive.fetchval("SELECT seen::text FROM presently.relay")
    now = await naive.fetchval("SELECT pg_current_snapshot()::text")
    first = await naive.fetchval("SELECT min(id) FROM presently.outbox")
    each = [await rows_sorted(naive, seen, now, first - 1 + page * 500) for page in range(20)]
    assert sum(each) == sum(range(500, 10_001, 500))  # ten times the batch; it grows as its square

    asked: list[str] = []
    with other.query_logger(lambda record: asked.append(record.query)):
        assert len(await take(await claimed(other))) == 10_000
    assert sum("pg_visible_in_snapshot" in query and "ORDER BY" in query for query in asked) == 1
    assert sum(query.startswith("FETCH 500 FROM batch") for query in asked) == 21
