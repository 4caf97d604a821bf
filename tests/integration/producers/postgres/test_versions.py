"""Two versions at one database: what is still running goes on with the schema of the next one."""

import subprocess
from collections.abc import AsyncIterator

import asyncpg
import pytest

from presently_server.local_postgres_places import wheel_binaries
from producers.postgres import outbox as outbox_now
from producers.postgres.migrate import Migration, applied, migrate, migrations, pending, script
from producers.postgres.outbox import NotMigrated, Outbox
from tests.integration.producers.postgres.old_version.outbox import Outbox as OldOutbox
from tests.integration.producers.postgres.outbox_rows import told

OLD = 5
"""The newest migration of the version that is kept in ``old_version``."""
TABLE = "CREATE TABLE article (id int PRIMARY KEY, title text, updated_by text);"


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_database_url)
    try:
        yield connection
    finally:
        await connection.close()


def _only(monkeypatch: pytest.MonkeyPatch, chosen: list[Migration]) -> None:
    monkeypatch.setattr("producers.postgres.migrate.migrations", lambda: chosen)


async def _old(empty: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of somebody who runs the old version."""
    every = migrations()
    _only(monkeypatch, every[:OLD])
    await migrate(empty)
    _only(monkeypatch, every)


async def _take(outbox: Outbox | OldOutbox) -> list[str]:
    seen = []
    async for page in outbox.pages(2):
        seen += [f"{row.document} {row.type}" for row in page.rows]
        await outbox.move(page.then)  # type: ignore[arg-type]
    return seen


async def test_an_old_relay_goes_on_with_the_new_schema(
    empty: asyncpg.Connection, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _old(empty, monkeypatch)
    await empty.execute(TABLE + "SELECT presently.capture('article', 'article.{id}', '{title}')")
    relay = await asyncpg.connect(empty_database_url)
    try:
        outbox = OldOutbox(relay, owner="old")
        assert await outbox.try_lead()
        await outbox.claim()
        await empty.execute("INSERT INTO article VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        batch = outbox.pages(2)
        await outbox.move((await anext(batch)).then)  # in the middle of a batch
        await batch.aclose()
        assert (await migrate(empty))[0].number == OLD + 1
        assert await _take(outbox) == ["article.3 presently.change"]
        await empty.execute("UPDATE article SET title = 'd'; SELECT presently.publish('a.b', 'c')")
        assert (await outbox.backlog()).rows == 4
        assert len(await _take(outbox)) == 4
        assert await outbox.purge() == 7
        await outbox.stay_awake()
    finally:
        await relay.close()


async def test_what_was_captured_by_the_old_version_is_told_as_before(
    empty: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _old(empty, monkeypatch)
    await empty.execute(
        TABLE + "SELECT presently.capture('article', 'article.{id}', '{title}', 'updated_by')"
    )
    await empty.execute(
        "CREATE TABLE broken (id int PRIMARY KEY); SELECT presently.capture('broken', 'b.{id}');"
        "ALTER TABLE broken RENAME id TO number"
    )
    write = (
        "INSERT INTO article VALUES (1, 'a', 'fry'); UPDATE article SET title = 'b', id = 2;"
        "UPDATE article SET title = 'c'; DELETE FROM article; TRUNCATE article"
    )
    await empty.execute(write)
    before = await told(empty)
    await migrate(empty)
    await empty.execute(write)
    assert await told(empty) == before
    functions = "SELECT count(*) FROM pg_proc WHERE proname = 'on_row'"
    assert await empty.fetchval(functions) == 1, "a broken capture keeps its trigger"
    await empty.execute("INSERT INTO broken VALUES (1)")
    assert [event.op for event in await told(empty)] == ["x"]
    # What the old version's commands say and ask.
    rows = await empty.fetch("SELECT * FROM presently.captures ORDER BY tbl")
    assert [(r["tbl"], r["document"], r["columns"], r["actor"], r["whole_row"]) for r in rows] == [
        ("public.article", "article.{id}", ["title"], "updated_by", False),
        ("public.broken", "b.{id}", [], None, False),
    ]
    assert [row["problem"] is None for row in rows] == [True, False]
    await empty.execute(
        "SELECT presently.capture($1::text::regclass, $2, $3, $4)",
        *("broken", "b.{number}", [], None),
    )
    assert await empty.fetchval("SELECT presently.release('article')") is True


async def test_a_new_relay_says_what_an_old_schema_lacks_or_works_with_it(
    empty: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _old(empty, monkeypatch)
    outbox = Outbox(empty, owner="new")
    if outbox_now.NEEDS <= OLD:
        await outbox.claim()
        await empty.execute("SELECT presently.publish('a.b', 'c')")
        assert await _take(outbox) == ["a.b c"]
    monkeypatch.setattr(outbox_now, "NEEDS", 9)
    with pytest.raises(NotMigrated, match=r"migration 0009 is missing: run `presently migrate`"):
        await outbox.claim()
    await migrate(empty)
    await outbox.claim()


POST = Migration(98, "less", "-- post: nobody reads it any more\nDROP TABLE presently.spare;")
PRE = Migration(97, "more", "CREATE TABLE presently.spare (id int);")


async def test_what_older_versions_need_goes_only_when_asked(
    empty: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _old(empty, monkeypatch)
    _only(monkeypatch, [*migrations(), PRE, POST, Migration(99, "last", "SELECT 1;")])
    assert [one.number for one in await migrate(empty)][-2:] == [97, 99]
    assert await pending(empty) == [POST]
    assert await migrate(empty) == []
    assert await migrate(empty, post=True) == [POST]
    assert await empty.fetchval("SELECT to_regclass('presently.spare')") is None
    assert await pending(empty) == []


async def test_a_new_database_gets_everything_at_once(
    empty: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [*migrations(), PRE, POST]
    _only(monkeypatch, every)
    assert await migrate(empty) == every
    assert await applied(empty) == {one.number for one in every}


def _dump(url: str) -> str:
    """The schema ``presently`` as pg_dump sees it, and what it was born with."""
    command = [str(wheel_binaries() / "pg_dump"), "--schema=presently", "--no-owner", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kept = [line for line in said.splitlines() if not line.startswith(("\\", "--", "COPY"))]
    return "\n".join(line for line in kept if "\t" not in line)


async def test_by_command_by_psql_and_in_two_steps_it_is_the_same_schema(
    database_url: str,
    empty: asyncpg.Connection,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_command = _dump(database_url)
    assert "CREATE FUNCTION presently.capture(" in by_command
    psql = [str(wheel_binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", empty_database_url]
    subprocess.run(psql, input=script(), capture_output=True, text=True, check=True)
    assert _dump(empty_database_url) == by_command
    await empty.execute("DROP SCHEMA presently CASCADE")
    await _old(empty, monkeypatch)
    await migrate(empty)
    await migrate(empty, post=True)
    assert _dump(empty_database_url) == by_command
