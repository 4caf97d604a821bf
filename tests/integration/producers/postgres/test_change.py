"""Which statement tells what: the row trigger, seen through the outbox."""

import asyncpg

from tests.integration.producers.postgres.outbox_rows import ARTICLE, Told, ops, told


def change(document: str, actor: str | None, **data: object) -> Told:
    return Told(document, "presently.change", actor, {"entity": "article", **data})


async def test_insert_update_delete(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    await db.execute("INSERT INTO article VALUES (42, 'Mars', NULL, 'leela')")
    await db.execute("UPDATE article SET title = 'Moon', updated_by = 'fry' WHERE id = 42")
    await db.execute("DELETE FROM article")
    assert await told(db) == [
        change(
            "article.42", "leela", op="c", key={"id": 42}, after={"title": "Mars", "status": None}
        ),
        change(
            "article.42",
            "fry",
            op="u",
            key={"id": 42},
            changed=["title", "updated_by"],
            after={"title": "Moon", "status": None},
        ),
        # The column says who wrote last, not who deleted.
        change("article.42", None, op="d", key={"id": 42}),
    ]


async def test_an_update_that_changes_nothing_tells_nothing(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'Mars', 'draft', 'leela');")
    await told(db)
    await db.execute("UPDATE article SET title = 'Mars'")
    await db.execute("UPDATE article SET title = 'Moon' WHERE id = 2")
    assert await told(db) == []


async def test_copy_upsert_and_merge(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    await db.copy_records_to_table("article", records=[(1, "a", "", ""), (2, "b", "", "")])
    upsert = (
        "INSERT INTO article VALUES (2, 'B', '', '') ON CONFLICT (id)"
        " DO UPDATE SET title = excluded.title"
    )
    await db.execute(upsert)
    await db.execute(upsert)
    await db.execute("INSERT INTO article VALUES (2, 'C') ON CONFLICT DO NOTHING")
    await db.execute(
        "MERGE INTO article a USING (VALUES (1), (3)) AS s(id) ON a.id = s.id"
        " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)"
    )
    said = await ops(db)
    assert said[:3] == ["c article.1", "c article.2", "u article.2"]
    assert sorted(said[3:]) == ["c article.3", "d article.1"]


async def test_truncate_goes_to_the_list(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'Mars', 'draft', 'leela');")
    await told(db)
    await db.execute("TRUNCATE article")
    assert await told(db) == [change("article.~", None, op="t")]


async def test_rolled_back_work_is_never_told(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    await db.execute("BEGIN; INSERT INTO article VALUES (1); ROLLBACK")
    await db.execute(
        "BEGIN; INSERT INTO article VALUES (2); SAVEPOINT s; INSERT INTO article VALUES (3);"
        " ROLLBACK TO s; INSERT INTO article VALUES (4); COMMIT"
    )
    assert await ops(db) == ["c article.2", "c article.4"]


async def test_foreign_keys_cascade(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE article (id int PRIMARY KEY);"
        "CREATE TABLE comment (id int PRIMARY KEY, article int"
        " REFERENCES article ON DELETE CASCADE ON UPDATE CASCADE);"
        "INSERT INTO article VALUES (1); INSERT INTO comment VALUES (10, 1), (11, 1);"
        "SELECT presently.capture('comment', 'comment.{id}')"
    )
    await db.execute("UPDATE article SET id = 2")
    await db.execute("DELETE FROM article")
    assert await ops(db) == ["u comment.10", "u comment.11", "d comment.10", "d comment.11"]


async def test_a_changed_key_leaves_one_document_and_appears_at_another(
    db: asyncpg.Connection,
) -> None:
    await db.execute(ARTICLE + "INSERT INTO article VALUES (1, 'Mars');")
    await told(db)
    await db.execute("UPDATE article SET id = 2")
    assert await told(db) == [
        change("article.1", None, op="d", key={"id": 1}),
        change("article.2", None, op="c", key={"id": 2}, after={"title": "Mars", "status": None}),
    ]


async def test_a_null_placeholder_belongs_to_no_document(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE line (id int PRIMARY KEY, bill int, n int);"
        "SELECT presently.capture('line', 'bill.{bill}')"
    )
    await db.execute("INSERT INTO line VALUES (1, NULL, 1); UPDATE line SET n = 2")
    await db.execute("UPDATE line SET bill = 7; UPDATE line SET n = 3; UPDATE line SET bill = NULL")
    assert await ops(db) == ["c bill.7", "u bill.7", "d bill.7"]


async def test_partitions_composite_key_quoted_names_another_schema(db: asyncpg.Connection) -> None:
    await db.execute("""
        CREATE SCHEMA "Back Office";
        CREATE TABLE "Back Office"."Order Line" (
            "Order No" int, "line.no" text, "Note ""x"" y" text, PRIMARY KEY ("Order No", "line.no")
        ) PARTITION BY RANGE ("Order No");
        CREATE TABLE "Back Office".low PARTITION OF "Back Office"."Order Line"
            FOR VALUES FROM (0) TO (100);
        SELECT presently.capture('"Back Office"."Order Line"', 'line.{Order No}.{line.no}',
                                 ARRAY['Note "x" y']);
        SELECT presently.capture('"Back Office"."Order Line"', 'line.{Order No}.{line.no}',
                                 ARRAY['Note "x" y']);
        CREATE TABLE "Back Office".high PARTITION OF "Back Office"."Order Line"
            FOR VALUES FROM (100) TO (200);
        INSERT INTO "Back Office"."Order Line" VALUES (1, 'a/b', 'it''s'), (150, '~', E'\\\\');
        UPDATE "Back Office".high SET "Note ""x"" y" = 'new';
        UPDATE "Back Office"."Order Line" SET "Order No" = 2 WHERE "Order No" = 150;
        TRUNCATE "Back Office"."Order Line";
    """)
    seen = await told(db)
    assert [f"{event.op} {event.document}" for event in seen] == [
        "c line.1.a%2Fb",
        "c line.150.%7E",
        "u line.150.%7E",
        "d line.150.%7E",
        "c line.2.%7E",
        "t line.~",
    ]
    assert {event.data["entity"] for event in seen} == {"Order Line"}
    assert seen[0].data["key"] == {"Order No": 1, "line.no": "a/b"}
    assert seen[0].data["after"] == {'Note "x" y': "it's"}
    assert seen[1].data["after"] == {'Note "x" y': "\\"}


async def test_no_value_and_no_name_of_a_secret_leaves_by_default(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE account (id int PRIMARY KEY, name text, password_hash text, is_private bool);"
        "SELECT presently.capture('account', 'account.{id}');"
        "INSERT INTO account VALUES (1, 'Philip', 'argon2-one', false);"
        "UPDATE account SET password_hash = 'argon2-two', is_private = true;"
        "UPDATE account SET password_hash = 'argon2-three';"
        "DELETE FROM account"
    )
    everything = await db.fetchval("SELECT string_agg(o::text, '') FROM presently.outbox AS o")
    assert not any(word in everything for word in ("password_hash", "argon2", "Philip"))
    assert [event.data.get("changed") for event in await told(db)] == [
        None,
        ["is_private"],
        [],
        None,
    ]


async def test_the_whole_row_and_a_named_secret_when_asked(db: asyncpg.Connection) -> None:
    await db.execute(
        "CREATE TABLE account (id int PRIMARY KEY, password_hash text);"
        "SELECT presently.capture('account', 'account.{id}', '{*}');"
        "INSERT INTO account VALUES (1, 'one'); UPDATE account SET password_hash = 'two'"
    )
    first, second = await told(db)
    assert first.data["after"] == {"id": 1, "password_hash": "one"}
    assert second.data["changed"] == ["password_hash"]


async def test_set_local_actor_goes_before_the_column(db: asyncpg.Connection) -> None:
    await db.execute(ARTICLE)
    async with db.transaction():
        await db.execute("SET LOCAL presently.actor = 'hermes'")
        await db.execute("INSERT INTO article VALUES (1, 'a', '', 'fry'); DELETE FROM article")
        await db.execute("TRUNCATE article")
        await db.execute("SELECT presently.publish('article.1', 'seen')")
    await db.execute("INSERT INTO article VALUES (1, 'a', '', 'fry'); DELETE FROM article")
    actors = [event.actor for event in await told(db)]
    assert actors == ["hermes", "hermes", "hermes", "hermes", "fry", None]
