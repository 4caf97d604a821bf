"""Capturing again: the same changes nothing, else it is replaced; nothing is lost between."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ARTICLE, ops, told

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


async def test_generated_columns(db: asyncpg.Connection) -> None:
    await db.execute("""
        CREATE TABLE g (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
        SELECT presently.capture('g', ARRAY['g.{id}', 'twice.{twice}'], '{twice}', before => true);
        INSERT INTO g VALUES (1, 2); UPDATE g SET n = 3;
    """)
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == [
        "c g.1",
        "c twice.4",
        "d twice.4",
        "u g.1",
        "c twice.6",
    ]
    assert events[3].data["changed"] == ["n", "twice"]
    assert (events[3].data["before"], events[3].data["after"]) == ({"twice": 4}, {"twice": 6})


async def test_a_virtual_column_has_no_value_in_a_trigger(db: asyncpg.Connection) -> None:
    if db.get_server_version().major < 18:  # there are none
        return
    await db.execute(
        "CREATE TABLE v (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) VIRTUAL)"
    )
    with pytest.raises(asyncpg.UndefinedColumnError, match="no column 'twice'") as caught:
        await db.execute("SELECT presently.capture('v', 'v.{id}', '{twice}')")
    assert "virtual generated column" in str(caught.value.hint)
    await db.execute("SELECT presently.capture('v', 'v.{id}', '{*}'); INSERT INTO v VALUES (1, 2)")
    await db.execute("UPDATE v SET n = 3")
    created, updated = await told(db)
    assert (created.data["after"], updated.data["changed"]) == ({"id": 1, "n": 2}, ["n"])


async def test_columns_dropped_retyped_and_added_afterwards(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'a', 'b', 'fry')")
    await told(db)
    await db.execute("ALTER TABLE article ALTER id TYPE bigint, ADD byline text")
    await db.execute("UPDATE article SET id = 5000000000, byline = 'x', title = 'c'")
    assert await ops(db) == ["d article.1", "c article.5000000000"]
    problem = await db.fetchval("SELECT problem FROM presently.captures")
    assert problem
    assert "not what they were, and that makes it slow" in problem
    await db.execute(
        "SELECT presently.capture('article', 'article.{id}', '{title,status}', 'updated_by')"
    )
    assert await db.fetchval("SELECT problem FROM presently.captures") is None
    await db.execute("ALTER TABLE article DROP byline, ADD more text, ADD again text")
    await db.execute("ALTER TABLE article DROP more")
    await db.execute("UPDATE article SET again = 'x', title = 'd'")
    (event,) = await told(db)
    assert sorted(event.data["changed"]) == ["again", "title"]
    await db.execute("ALTER TABLE article DROP status")  # it is listed
    await db.execute("UPDATE article SET title = 'e'; DELETE FROM article")
    updated, gone = await told(db)
    assert updated.data["changed"] == ["title"]
    assert updated.data["after"] == {"title": "e"}
    assert (updated.actor, gone.op, gone.data["key"]) == ("fry", "d", {"id": 5000000000})
    await db.execute("INSERT INTO article VALUES (1, 'a', 'fry')")
    await told(db)
    problem = await db.fetchval("SELECT problem FROM presently.captures")
    assert problem == "a column it asks for is gone: capture it again"
    await db.execute(
        "SELECT presently.capture('article', 'article.{id}', '{*}');"
        "ALTER TABLE article ADD last int; UPDATE article SET title = 'f', last = 7"
    )
    (event,) = await told(db)
    assert event.data["after"]["last"] == 7
    assert event.data["changed"] == ["title", "last"]


async def test_a_column_that_nobody_asked_for_is_dropped(db: asyncpg.Connection) -> None:
    """Nothing is lost, and several documents, values of before and the actor are as always."""
    await db.execute("""
        CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text, who text, password text);
        SELECT presently.capture('t', ARRAY['t.{id}', 'a.{a}'], '{a,b}', 'who', before => true);
        INSERT INTO t VALUES (1, 'x', 'y', 'z', 'fry', 'p');
    """)
    await db.execute("UPDATE t SET b = 'yy'")  # this session knows how the table was
    await told(db)
    await db.execute("ALTER TABLE t DROP c")
    async with db.transaction():
        await db.execute("""SET LOCAL presently.context = '{"r": 1}'""")
        await db.execute("UPDATE t SET a = 'w', b = 'v', password = 'q'")
    moved, same, came = await told(db)
    assert [moved.document, same.document, came.document] == ["a.x", "t.1", "a.w"]
    assert moved.data == {
        "op": "d",
        "entity": "t",
        "key": {"id": 1},
        "before": {"a": "x", "b": "yy"},
        "ctx": {"r": 1},
    }
    assert same.data == {
        "op": "u",
        "entity": "t",
        "key": {"id": 1},
        "changed": ["a", "b"],
        "before": {"a": "x", "b": "yy"},
        "after": {"a": "w", "b": "v"},
        "ctx": {"r": 1},
    }
    assert (came.op, came.actor) == ("c", "fry")
    await db.execute("SELECT presently.capture('t', 't.{id}', '{a}'); ALTER TABLE t DROP b")
    await db.execute("UPDATE t SET a = 'u'; UPDATE t SET id = 2; DELETE FROM t")
    assert await ops(db) == ["u t.1", "d t.1", "c t.2", "d t.2"]


async def test_json_and_types_without_equality(db: asyncpg.Connection) -> None:
    await db.execute(
        """
        CREATE TABLE odd (id int PRIMARY KEY, j json, p point, x xml, a json[], b bytea, n numeric);
        SELECT presently.capture('odd', 'odd.{id}', '{*}');
        INSERT INTO odd VALUES (1, '{"a": 1}', '(1,2)', '<a/>', '{1}', '\\x00ff', 'NaN');
        UPDATE odd SET p = '(1,3)', j = '{"a":  1}', b = decode(repeat('00', 40000), 'hex');
        UPDATE odd SET j = '"\\u0000"';
    """.replace("x xml, ", "").replace("'<a/>', ", "")
    )
    created, updated, broken = await told(db)
    assert created.data["after"]["n"] == "NaN"
    assert updated.data["changed"] == ["j", "p", "b"]
    assert updated.data["omitted"] == ["b"]
    assert broken.op in ("u", "x")
