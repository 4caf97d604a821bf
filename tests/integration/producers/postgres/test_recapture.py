"""Capturing again: the same changes nothing, else it is replaced; nothing is lost between."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ARTICLE, told

ALL = (
    "SELECT presently.capture('article', ARRAY['article.{id}', 'user.{updated_by}'],"
    " '{title}', 'updated_by', before => true, collapse => 1000)"
)
TOUCHED = """
    SELECT string_agg(x, ' ' ORDER BY x) FROM (
        SELECT 'p' || oid || xmin FROM pg_proc WHERE pronamespace = 'presently'::regnamespace
        UNION ALL SELECT 't' || oid || xmin FROM pg_trigger
        UNION ALL SELECT 'c' || ctid || xmin || at FROM presently.captured) AS made(x)
"""


async def test_the_same_again_touches_nothing_and_waits_for_nobody(
    db: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    await db.execute(ARTICLE + ALL)
    before = await db.fetchval(TOUCHED)
    async with other.transaction():
        await other.execute("INSERT INTO article VALUES (1)")  # holds the table
        await asyncio.wait_for(db.execute(ALL), 5)
    assert await db.fetchval(TOUCHED) == before


async def test_other_columns_need_no_lock_on_the_table(
    db: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    await db.execute(ARTICLE)
    async with other.transaction():
        await other.execute("INSERT INTO article VALUES (1, 'a')")
        await asyncio.wait_for(
            db.execute("SELECT presently.capture('article', 'article.{id}', '{status}')"), 5
        )
    await db.execute("UPDATE article SET status = 'x'")
    _, updated = await told(db)
    assert updated.data["after"] == {"status": "x"}


async def test_nothing_is_lost_while_it_is_captured_anew(
    db: asyncpg.Connection, other: asyncpg.Connection
) -> None:
    await db.execute(ARTICLE)
    stop = False

    async def write() -> int:
        rows = 0
        while not stop:
            rows += 1
            await other.execute("INSERT INTO article VALUES ($1, 'a', '', 'fry')", rows)
        return rows

    async with asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(write())
        for round in range(30):
            more = ALL if round % 2 else ARTICLE.partition(";")[2]
            await db.execute(more)
        stop = True
    seen = [event.document for event in await told(db) if event.document.startswith("article.")]
    assert seen == [f"article.{n}" for n in range(1, writer.result() + 1)]


async def test_a_table_that_was_renamed_or_moved_keeps_its_function(
    db: asyncpg.Connection,
) -> None:
    await db.execute(
        ARTICLE
        + "ALTER TABLE article RENAME TO essay; CREATE SCHEMA s; ALTER TABLE essay SET SCHEMA s;"
    )
    await db.execute("INSERT INTO s.essay VALUES (1)")
    await db.execute(ARTICLE)  # another one of that name
    await db.execute("SELECT presently.capture('s.essay', 'essay.{id}')")
    await db.execute("INSERT INTO s.essay VALUES (2); INSERT INTO article VALUES (3)")
    events = await told(db)
    assert [(e.document, e.data["entity"]) for e in events] == [
        ("article.1", "article"),
        ("essay.2", "essay"),
        ("article.3", "article"),
    ]
    assert await db.fetchval("SELECT count(*) FROM presently.captures") == 2


async def test_what_was_written_for_a_dropped_table_is_forgotten(db: asyncpg.Connection) -> None:
    count = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'row\\_of\\_%'"
    await db.execute(ARTICLE + "DROP TABLE article")
    await db.execute("CREATE TABLE t (id int); SELECT presently.capture('t', 't.{id}')")
    assert await db.fetchval(count) == 1
    await db.execute("SELECT presently.release('t')")
    assert await db.fetchval(count) == 0
    assert await db.fetchval("SELECT count(*) FROM presently.captured") == 0


@pytest.mark.parametrize(
    ("made", "words", "hint"),
    [
        ("CREATE VIEW x AS SELECT 1 AS id", "x cannot be captured: it is a view", "tables that it"),
        (
            "CREATE MATERIALIZED VIEW x AS SELECT 1 AS id",
            "x cannot be captured: it is a materialized view",
            "tables that it shows",
        ),
        (
            "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
            "CREATE FOREIGN TABLE x (id int) SERVER s",
            "x cannot be captured: it is a foreign table",
            "where its rows are",
        ),
        ("CREATE SEQUENCE x", "x cannot be captured: it is a sequence", "an ordinary or"),
        (
            "CREATE TEMP TABLE x (id int)",
            "x cannot be captured: it is a temporary table",
            "of your",
        ),
    ],
)
async def test_what_is_no_table_is_refused(
    db: asyncpg.Connection, made: str, words: str, hint: str
) -> None:
    await db.execute(made)
    with pytest.raises(asyncpg.WrongObjectTypeError) as caught:
        await db.execute("SELECT presently.capture('x', 'x.{id}')")
    assert words in str(caught.value)
    assert hint in str(caught.value.hint)


async def test_tables_that_inherit_are_warned_of_and_captured_by_themselves(
    db: asyncpg.Connection,
) -> None:
    said: list[str] = []

    def listen(_: object, message: Any) -> None:
        said.append(str(message.message))

    db.add_log_listener(listen)
    await db.execute(
        "CREATE TABLE page (id int PRIMARY KEY); CREATE TABLE news (urgent bool) INHERITS (page);"
    )
    await db.execute("SELECT presently.capture('page', 'page.{id}')")
    assert said == ["rows of the tables that inherit from public.page are not told"]
    db.remove_log_listener(listen)
    await db.execute("SELECT presently.capture('news', 'page.{id}')")
    await db.execute("INSERT INTO page VALUES (1); INSERT INTO news VALUES (2, true)")
    await db.execute("DELETE FROM page")  # of both
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == [
        "c page.1",
        "c page.2",
        "d page.1",
        "d page.2",
    ]
    assert [e.data["entity"] for e in events] == ["page", "news", "page", "news"]


async def test_what_a_trigger_of_the_users_writes_is_told_last(db: asyncpg.Connection) -> None:
    await db.execute(
        ARTICLE
        + """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            UPDATE article SET status = 'touched' WHERE id = NEW.id; RETURN NULL; END $$;
        CREATE TRIGGER "A_touch" AFTER UPDATE OF title ON article
            FOR EACH ROW EXECUTE FUNCTION touch();
        INSERT INTO article VALUES (1, 'a', 'new');
        UPDATE article SET title = 'b';
    """
    )
    assert [event.data["after"] for event in await told(db)] == [
        {"title": "a", "status": "new"},
        {"title": "b", "status": "new"},
        {"title": "b", "status": "touched"},
    ]


async def test_a_row_that_refers_to_itself_is_told_as_it_ends(db: asyncpg.Connection) -> None:
    await db.execute("""
        CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node ON UPDATE CASCADE);
        SELECT presently.capture('node', 'node.{id}', '{parent}');
        INSERT INTO node VALUES (1, 1); UPDATE node SET id = 2;
    """)
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == [
        "c node.1",
        "d node.1",
        "c node.2",
        "u node.2",
    ]
    assert events[-1].data["after"] == {"parent": 2}
