"""What may be captured, what is refused and with which words."""

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ops, told

TABLE = "CREATE TABLE article (id int PRIMARY KEY, title text, updated_by text);"


async def test_capturing_again_counts_and_release_ends_it(db: asyncpg.Connection) -> None:
    await db.execute(TABLE)
    for document in ("article.{id}", "article.{id}", "acme.article.{id}"):
        await db.execute(
            "SELECT presently.capture('article', $1::text)".replace("$1::text", f"'{document}'")
        )
    await db.execute("INSERT INTO article VALUES (1); TRUNCATE article")
    assert await ops(db) == ["c acme.article.1", "t acme.article.~"]
    assert await db.fetchval("SELECT presently.release('article')") is True
    assert await db.fetchval("SELECT presently.release('article')") is False
    await db.execute("INSERT INTO article VALUES (1); TRUNCATE article")
    assert await told(db) == []
    assert await db.fetchval("SELECT count(*) FROM presently.captures") == 0


async def test_the_list_of_captures_says_what_is_wrong(db: asyncpg.Connection) -> None:
    await db.execute(
        TABLE + 'CREATE SCHEMA s; CREATE TABLE s."T t" (id int);'
        "CREATE TABLE gone (id int); SELECT presently.capture('gone', 'gone.{id}');"
        "SELECT presently.capture('s.\"T t\"', 't.{id}', '{*}');"
        "SELECT presently.capture('article', 'article.{id}', '{title}', 'updated_by');"
        "DROP TABLE gone"
    )
    ask = "SELECT * FROM presently.captures ORDER BY tbl DESC"
    assert [tuple(row.values()) for row in await db.fetch(ask)] == [
        ('s."T t"', "t.{id}", ["*"], None, True, None, ["t.{id}"], False, None),
        (
            "public.article",
            "article.{id}",
            ["title"],
            "updated_by",
            False,
            None,
            ["article.{id}"],
            False,
            None,
        ),
    ]
    await db.execute(
        'ALTER TABLE article DISABLE TRIGGER ALL; DROP TRIGGER "0_presently_row" ON s."T t"'
    )
    problems = [row["problem"] for row in await db.fetch(ask)]
    assert problems == [
        "its trigger is gone: capture it again",
        "its trigger is disabled: ALTER TABLE … ENABLE TRIGGER",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("'article', 'article.{nr}'", "article has no column 'nr', which the document asks for"),
        ("'article', 'article.{id}', '{body}'", "no column 'body', which columns asks for"),
        ("'article', 'article.{id}', '{}', 'who'", "no column 'who', which actor asks for"),
        ("'article', 'article.{id}', '{NULL}'", "no column NULL"),
        ("'article', 'article'", "'article' names no document"),
        ("'article', 'article.{id'", "names no document"),
        ("'article', 'article.{}'", "names no document"),
        ("'article', 'art icle.{id}'", "names no document"),
        ("'article', 'a.b.c.d.e.{id}'", "names no document"),
        ("'article', NULL", "NULL names no document"),
        ("'nowhere', 'article.{id}'", 'relation "nowhere" does not exist'),
        ("NULL, 'article.{id}'", "NULL cannot be captured"),
        ("'looks', 'article.{id}'", "looks cannot be captured"),
        ("'presently.outbox', 'outbox.{id}'", "presently.outbox cannot be captured"),
        ("'pg_class', 'outbox.{oid}'", "pg_class cannot be captured"),
    ],
)
async def test_what_is_refused_is_refused_with_a_reason(
    db: asyncpg.Connection, arguments: str, words: str
) -> None:
    await db.execute(TABLE + "CREATE VIEW looks AS SELECT * FROM article;")
    with pytest.raises(asyncpg.PostgresError) as caught:
        await db.execute(f"SELECT presently.capture({arguments})")
    assert words in str(caught.value)


async def test_a_partition_is_not_captured_beside_its_parent(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);"
        "CREATE TABLE c PARTITION OF p FOR VALUES FROM (0) TO (9);"
        "SELECT presently.capture('p', 'p.{id}')"
    )
    with pytest.raises(asyncpg.ObjectInUseError, match="p is captured, and a row of it"):
        await db.execute("SELECT presently.capture('c', 'p.{id}')")
    await db.execute("SELECT presently.release('p'); SELECT presently.capture('c', 'p.{id}')")
    with pytest.raises(asyncpg.ObjectInUseError, match="c is captured, and a row of it"):
        await db.execute("SELECT presently.capture('p', 'p.{id}')")


@pytest.mark.parametrize(
    ("document", "tables_list"),
    [
        ("acme.article.{id}", "acme.article.~"),
        ("acme.{updated_by}.{id}", "acme.~"),
        ("acme.x{updated_by}.{id}", "acme.~"),
        ("site.all", "site.~"),
        ("{updated_by}.{id}", None),
    ],
)
async def test_where_a_truncation_is_told(
    db: asyncpg.Connection, document: str, tables_list: str | None
) -> None:
    await db.execute(TABLE + f"SELECT presently.capture('article', '{document}')")
    await db.execute("TRUNCATE article")
    assert await ops(db) == ([f"t {tables_list}"] if tables_list else [])
