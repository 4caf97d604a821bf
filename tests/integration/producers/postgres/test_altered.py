"""Columns of every kind, and tables that are altered after they were captured."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ARTICLE, ops, told


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


async def test_a_long_value_is_changed_when_it_is_and_only_then(db: asyncpg.Connection) -> None:
    """It lies outside the row; that both versions point at one value is enough to know."""
    long = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 3000))"
    await db.execute(f"""
        CREATE TABLE page (id int PRIMARY KEY, n int, body text);
        SELECT presently.capture('page', 'page.{{id}}', '{{body}}');
        INSERT INTO page VALUES (1, 1, {long}), (2, 1, 'short');
        UPDATE page SET n = 2;
        UPDATE page SET body = body || 'x';
        UPDATE page SET body = left(body, -1) || 'x', n = 3;
        UPDATE page SET body = {long};
        UPDATE page SET body = NULL WHERE id = 1;
    """)
    told_of = [
        (e.document[-1], e.data.get("changed"), e.data.get("omitted")) for e in await told(db)
    ]
    assert told_of == [
        ("1", None, ["body"]),
        ("2", None, None),
        ("1", ["n"], ["body"]),
        ("2", ["n"], None),
        ("1", ["body"], ["body"]),
        ("2", ["body"], None),
        ("1", ["n"], ["body"]),
        ("2", ["n"], None),
        ("1", ["body"], ["body"]),
        ("2", ["body"], ["body"]),
        ("1", ["body"], None),
    ]
