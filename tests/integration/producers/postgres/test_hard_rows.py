"""Rows that are hard to name or too big to tell. Nothing of it may fail the write."""

import json
from pathlib import Path

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ARTICLE, ops, told

GOLDEN = json.loads(
    (Path(__file__).parents[4] / "schemas" / "golden" / "documents.json").read_text("utf-8")
)["documents"]


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["document"])
async def test_documents_are_named_as_in_every_language(
    db: asyncpg.Connection, row: dict[str, object]
) -> None:
    words, document = row["words"], row["document"]
    assert isinstance(words, list)
    assert await db.fetchval("SELECT presently.document_id(VARIADIC $1)", words) == document
    columns = [f"c{n}" for n in range(len(words))]
    await db.execute(f"CREATE TABLE t ({', '.join(f'{c} text' for c in columns)})")
    await db.execute(f"SELECT presently.capture('t', '{'.'.join(f'{{{c}}}' for c in columns)}')")
    values = ", ".join(f"${n + 1}" for n in range(len(words)))
    await db.execute(f"INSERT INTO t VALUES ({values})", *words)
    assert await ops(db) == [f"c {document}"]


@pytest.mark.parametrize("key", ["", "x" * 81, "日" * 50])
async def test_a_row_without_a_possible_document_is_told_at_the_list(
    db: asyncpg.Connection, key: str
) -> None:
    await db.execute(
        "CREATE TABLE page (slug text PRIMARY KEY, n int);"
        "SELECT presently.capture('page', 'page.{slug}')"
    )
    await db.execute("INSERT INTO page VALUES ($1, 1)", key)
    await db.execute("UPDATE page SET n = 2")
    await db.execute("UPDATE page SET slug = 'short'")
    await db.execute("DELETE FROM page")
    expected = ["x page.~", "x page.~", "x page.~", "c page.short", "d page.short"]
    assert await ops(db) == expected


async def test_long_values_are_omitted_and_never_in_the_writers_way(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE page (id int PRIMARY KEY, a text, b text, c text);"
        "SELECT presently.capture('page', 'page.{id}', '{a,b}');"
        "INSERT INTO page VALUES (1, 'short', repeat('x', 100000), repeat('y', 1000000));"
        "SELECT presently.capture('page', 'page.{id}', '{*}');"
        "UPDATE page SET b = repeat(chr(1), 10500)"  # each takes six bytes of JSON
    )
    created, updated = await told(db)
    assert created.data["after"] == {"a": "short"}
    assert created.data["omitted"] == ["b"]
    assert updated.data["after"] == {"id": 1, "a": "short"}
    assert sorted(updated.data["omitted"]) == ["b", "c"]
    assert updated.data["changed"] == ["b"]


async def test_a_thousand_columns_are_omitted_as_a_whole(db: asyncpg.Connection) -> None:
    columns = ", ".join(f"a_rather_long_name_of_a_column_number_{n} text" for n in range(1200))
    await db.execute(f"CREATE TABLE wide (id int PRIMARY KEY, {columns})")
    await db.execute("SELECT presently.capture('wide', 'wide.{id}', '{*}')")
    await db.execute("INSERT INTO wide VALUES (1)")
    (event,) = await told(db)
    assert event.data == {"op": "c", "entity": "wide", "key": {"id": 1}, "omitted": ["*"]}


async def test_a_value_that_json_cannot_hold_does_not_fail_the_write(
    db: asyncpg.Connection,
) -> None:
    await db.execute("""
        CREATE TYPE angry AS ENUM ('very');
        CREATE FUNCTION angry_json(angry) RETURNS json LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE CAST (angry AS json) WITH FUNCTION angry_json(angry);
        CREATE TABLE t (id int PRIMARY KEY, a angry);
        SELECT presently.capture('t', 't.{id}', '{a}', before => true);
        INSERT INTO t VALUES (1, 'very'); UPDATE t SET a = NULL; UPDATE t SET a = 'very', id = 2;
        DELETE FROM t;
    """)
    events = await told(db)
    assert [f"{event.op} {event.document}" for event in events] == [
        "c t.1",
        "u t.1",
        "x t.~",
        "d t.2",
    ]
    assert events[0].data == {"op": "c", "entity": "t", "key": {"id": 1}, "omitted": ["*"]}


async def test_a_renamed_column_is_told_at_the_list(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE + "ALTER TABLE article RENAME id TO number;")
    await db.execute("INSERT INTO article VALUES (1)")
    assert await ops(db) == ["x article.~"]
    problem = await db.fetchval("SELECT problem FROM presently.captures")
    assert problem == "a column it asks for is gone: capture it again"
    await db.execute("SELECT presently.capture('article', 'article.{number}')")
    await db.execute("DELETE FROM article")
    assert await ops(db) == ["d article.1"]


async def test_a_writer_needs_no_right_on_our_schema(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE + "DROP ROLE IF EXISTS presently_test_writer;")
    await db.execute(
        "CREATE ROLE presently_test_writer; GRANT ALL ON article TO presently_test_writer"
    )
    try:
        await db.execute("SET ROLE presently_test_writer")
        await db.execute("INSERT INTO article VALUES (1); TRUNCATE article")
        await db.execute("SELECT presently.publish('article.1', 'seen')")
        for forbidden in (
            "INSERT INTO presently.outbox (document, type) VALUES ('a.b', 'presently.change')",
            "SELECT * FROM presently.outbox",
            "SELECT presently.release('article')",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute(forbidden)
    finally:
        await db.execute("RESET ROLE; DROP OWNED BY presently_test_writer;")
        await db.execute("DROP ROLE presently_test_writer")
    assert [event.document for event in await told(db)] == ["article.1", "article.~", "article.1"]


async def test_a_column_added_later_is_named_without_capturing_again(
    db: asyncpg.Connection,
) -> None:
    await db.execute(ARTICLE + "ALTER TABLE article ADD byline text, ADD api_key text;")
    await db.execute("INSERT INTO article VALUES (1, 'Mars')")
    await db.execute("UPDATE article SET byline = 'x', title = 'Moon', api_key = 'y'")
    assert (await told(db))[1].data["changed"] == ["title", "byline"]
