"""Reading the outbox while others write it: nothing lost, nothing inverted, nobody waited for."""

import asyncio
import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from producers.postgres.outbox import NotMigrated, NotOurs, Outbox
from tests.integration.producers.postgres.outbox_rows import ARTICLE
from tests.support.eventually import eventually


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def claimed(reader: asyncpg.Connection, owner: str = "me") -> Outbox:
    outbox = Outbox(reader, owner=owner)
    await outbox.claim()
    return outbox


async def take(outbox: Outbox, size: int = 500) -> list[str]:
    """Everything new, as its documents; moves the cursor."""
    seen = []
    async for page in outbox.pages(size):
        assert len(page.rows) <= size
        seen += [row.document.removeprefix("t.") for row in page.rows]
        await outbox.move(page.then)
    return seen


async def publish(writer: asyncpg.Connection, *keys: object) -> None:
    for key in keys:
        await writer.execute(f"SELECT presently.publish('t.{key}', 'x')")


async def test_every_row_once_in_order(db: asyncpg.Connection, reader: asyncpg.Connection) -> None:
    outbox = await claimed(reader)
    assert await take(outbox) == []
    await publish(db, 1, 2, 3, 4, 5)
    assert await take(outbox, 2) == ["1", "2", "3", "4", "5"]
    assert await take(outbox) == []


async def test_a_transaction_that_commits_late_is_not_lost_and_delays_nobody(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    outbox = await claimed(reader)
    late = db.transaction()
    await late.start()
    await publish(db, "late")  # has the lowest id, and the lowest transaction
    for n in range(3):
        await publish(other, n)
        assert await take(outbox) == [str(n)]
    await late.commit()
    assert await take(outbox) == ["late"]
    assert await take(outbox) == []


async def test_the_last_change_of_a_row_comes_last(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    """The order of transaction numbers would invert these two updates of row 1."""
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'first'), (2, 'first');")
    outbox = await claimed(reader)
    await take(outbox)
    early = db.transaction()
    await early.start()
    await db.execute("UPDATE article SET title = 'x' WHERE id = 2")  # the lower number
    await other.execute("UPDATE article SET title = 'second' WHERE id = 1")
    await db.execute("UPDATE article SET title = 'third' WHERE id = 1")
    await early.commit()
    titles = [
        row.data async for page in outbox.pages(1) for row in page.rows if "1" in row.document
    ]
    assert ["second" in titles[0], "third" in titles[1]] == [True, True]


async def test_a_key_born_again_by_another_comes_after_its_death(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    """No row's lock is between the two; the unique index makes the second wait."""
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'first')")
    outbox = await claimed(reader)
    await take(outbox)
    death = db.transaction()
    await death.start()
    await db.execute("DELETE FROM article WHERE id = 1")
    waits = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND pid = $1"
    pid = other.get_server_pid()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(other.execute("INSERT INTO article VALUES (1, 'second')"))
        await eventually(lambda: reader.fetchval(waits, pid))
        await death.commit()
    rows = [row async for page in outbox.pages() for row in page.rows]
    assert [json.loads(row.data)["op"] for row in rows] == ["d", "c"]


async def test_rolled_back_savepoints_leave_gaps_that_stop_nothing(
    db: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    outbox = await claimed(reader)
    await db.execute("""
        BEGIN;
        SELECT presently.publish('t.a', 'x');
        SAVEPOINT one; SELECT presently.publish('t.never', 'x'); ROLLBACK TO one;
        SAVEPOINT two; SELECT presently.publish('t.b', 'x'); RELEASE two;
        COMMIT
    """)
    assert await take(outbox) == ["a", "b"]


async def test_a_batch_left_in_the_middle_goes_on_and_forgets_no_late_row(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    """The late row's id is below the cursor: a new snapshot with the old id would lose it."""
    late = db.transaction()
    await late.start()
    await publish(db, "late")
    await publish(other, 2, 3, 4, 5)
    outbox = await claimed(reader)
    pages = outbox.pages(2)
    page = await anext(pages)
    assert [row.document for row in page.rows] == ["t.2", "t.3"]
    await outbox.move(page.then)
    await anext(pages)  # read and perhaps published, but not moved: then the crash
    await pages.aclose()
    await late.commit()
    again = await claimed(reader, "another")
    assert await take(again, 2) == ["4", "5"]
    assert await take(again, 2) == ["late"]


@pytest.mark.parametrize("size", [1, 500])  # in the middle of a batch, and at its end
async def test_only_the_owner_moves_the_cursor(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection, size: int
) -> None:
    await publish(db, 1, 2)
    mine = await claimed(reader)
    theirs = await claimed(other, "them")
    with pytest.raises(NotOurs):
        await take(mine, size)
    untouched = "SELECT (owner, batch IS NULL, seen)::text FROM presently.relay"
    assert await db.fetchval(untouched) == "(them,t,3:3:)"
    assert await take(theirs) == ["1", "2"]


async def test_a_purge_takes_what_is_published_and_nothing_else(
    db: asyncpg.Connection, other: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    outbox = await claimed(reader)
    late = db.transaction()
    await late.start()
    await publish(db, "late")
    await publish(other, 1, 2, 3)
    assert await outbox.purge() == 0
    pages = outbox.pages(1)
    await outbox.move((await anext(pages)).then)
    await pages.aclose()
    assert await outbox.purge() == 0  # not before the batch is finished
    await take(outbox)
    await late.commit()
    await publish(other, "new")
    assert [await outbox.purge(2), await outbox.purge(2), await outbox.purge(2)] == [2, 1, 0]
    assert await take(outbox) == ["late", "new"]
    assert await outbox.purge() == 2
    assert await db.fetchval("SELECT count(*) FROM presently.outbox") == 0


async def test_the_backlog_counts_what_is_not_published(
    db: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    outbox = await claimed(reader)
    assert await outbox.backlog() == await outbox.backlog()
    assert (await outbox.backlog()).lag_ms == 0
    await publish(db, 1, 2, 3)
    backlog = await outbox.backlog()
    assert backlog.rows == 3
    assert 0 <= backlog.lag_ms < 10_000
    pages = outbox.pages(1)
    await outbox.move((await anext(pages)).then)
    await pages.aclose()
    await publish(db, 4)
    assert (await outbox.backlog()).rows == 3
    await take(outbox)
    await take(outbox)
    assert (await outbox.backlog()).rows == 0


async def test_a_large_batch_is_sorted_once_and_read_page_by_page(
    db: asyncpg.Connection, reader: asyncpg.Connection
) -> None:
    await db.execute(ARTICLE)
    await db.execute("INSERT INTO article SELECT n FROM generate_series(1, 20000) AS n")
    outbox = await claimed(reader)
    ids = []
    async for page in outbox.pages(700):
        ids += [row.id for row in page.rows]
        await outbox.move(page.then)
    assert ids == sorted(set(ids))
    assert len(ids) == 20_000


async def test_without_migrations_it_says_what_to_do(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        with pytest.raises(NotMigrated, match="presently migrate"):
            await claimed(connection)
    finally:
        await connection.close()
