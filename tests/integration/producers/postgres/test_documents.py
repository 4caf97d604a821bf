"""One row, several documents: who is told what, and what a row that moves tells."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ops, told

COMMENT = """
    CREATE TABLE comment (id int PRIMARY KEY, article int, author text, body text);
    SELECT presently.capture('comment',
        ARRAY['comment.{id}', 'article.{article}', 'user.{author}'], '{body}');
"""


async def test_a_row_is_told_at_each_of_its_documents(db: asyncpg.Connection) -> None:
    await db.execute(COMMENT)
    await db.execute("INSERT INTO comment VALUES (1, 42, 'fry', 'hi')")
    await db.execute("UPDATE comment SET body = 'ho'")
    await db.execute("DELETE FROM comment")
    events = await told(db)
    places = ["comment.1", "article.42", "user.fry"]
    assert [f"{e.op} {e.document}" for e in events] == [
        f"{op} {place}" for op in "cud" for place in places
    ]
    assert {str(e.data) for e in events[3:6]} == {
        str(
            {
                "op": "u",
                "key": {"id": 1},
                "after": {"body": "ho"},
                "entity": "comment",
                "changed": ["body"],
            }
        )
    }


async def test_a_row_that_moves_tells_both_and_the_others_hear_of_an_update(
    db: asyncpg.Connection,
) -> None:
    await db.execute(COMMENT + "INSERT INTO comment VALUES (1, 42, 'fry', 'hi')")
    await told(db)
    await db.execute("UPDATE comment SET article = 43")
    events = await told(db)
    assert [f"{e.op} {e.document}" for e in events] == [
        "d article.42",
        "u comment.1",
        "c article.43",
        "u user.fry",
    ]
    assert "changed" not in events[2].data
    assert events[1].data["changed"] == ["article"]
    await db.execute("UPDATE comment SET article = NULL, author = ''")
    assert await ops(db) == ["x user.~", "d article.43", "d user.fry", "u comment.1"]


async def test_a_document_that_two_templates_name_is_told_once(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE talk (id int PRIMARY KEY, a text, b text);"
        "SELECT presently.capture('talk', ARRAY['user.{a}', 'user.{b}', 'user.{a}']);"
        "INSERT INTO talk VALUES (1, 'fry', 'fry')"
    )
    assert await ops(db) == ["c user.fry"]
    await db.execute("UPDATE talk SET b = 'leela'")
    assert await ops(db) == ["u user.fry", "c user.leela"]
    await db.execute("UPDATE talk SET a = b, b = a")  # each goes to the other's place
    assert sorted(await ops(db)) == ["u user.fry", "u user.leela"]
    await db.execute("TRUNCATE talk")
    assert await ops(db) == ["t user.~"]


async def test_a_truncation_is_told_at_all_lists(db: asyncpg.Connection) -> None:
    await db.execute(COMMENT + "INSERT INTO comment VALUES (1, 42, 'fry', 'hi')")
    await told(db)
    await db.execute("TRUNCATE comment")
    assert sorted(await ops(db)) == ["t article.~", "t comment.~", "t user.~"]


async def test_both_ways_to_name_the_document(db: asyncpg.Connection) -> None:
    await db.execute("CREATE TABLE t (id int PRIMARY KEY)")
    ask = "SELECT documents FROM presently.captures"
    for call, expected in (
        ("'t', 't.{id}'", ["t.{id}"]),
        ("tbl => 't', document => 't.{id}'", ["t.{id}"]),
        ("tbl => 't', document => ARRAY['t.{id}', 'u.{id}']", ["t.{id}", "u.{id}"]),
        ("'t', document => '{t.{id\\}}'::text[]", None),
    ):
        if expected is None:
            with pytest.raises(asyncpg.PostgresError):
                await db.execute(f"SELECT presently.capture({call})")
        else:
            await db.execute(f"SELECT presently.capture({call})")
            assert await db.fetchval(ask) == expected
    await db.execute(
        "SELECT presently.capture($1::text::regclass, $2)".replace("$2", "'u.{id}'"), "t"
    )
    await db.fetchval("SELECT presently.capture('t', $1)", "v.{id}")
    assert await db.fetchval(ask) == ["v.{id}"]
