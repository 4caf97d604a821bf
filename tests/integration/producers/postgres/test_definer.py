"""The trigger runs with the rights of our schema's owner: nobody else's code may run in it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.integration.producers.postgres.outbox_rows import ops, told

THIEF = "presently_test_thief"
TABLE = """
    CREATE TABLE page (slug text PRIMARY KEY, title text, n int);
    SELECT presently.capture('page', 'page.{slug}', '{title,n}', before => true, collapse => 50);
"""


@pytest.fixture
async def thief(db: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """The session as a role without rights on our schema, which may make things of its own."""
    await db.execute(
        f"DROP ROLE IF EXISTS {THIEF}; CREATE ROLE {THIEF}; CREATE SCHEMA evil;"
        f"GRANT ALL ON SCHEMA evil TO {THIEF}; CREATE TABLE evil.ran (who text);"
        f"GRANT ALL ON evil.ran TO PUBLIC; SET ROLE {THIEF}"
    )
    yield db
    await db.execute("RESET ROLE; DROP SCHEMA evil CASCADE; SET search_path = public")
    await db.execute(f"DROP OWNED BY {THIEF} CASCADE; DROP ROLE {THIEF}")


SPY = "INSERT INTO evil.ran VALUES (current_user)"


async def test_a_hostile_search_path_changes_nothing(thief: asyncpg.Connection) -> None:
    await thief.execute(f"RESET ROLE; {TABLE} GRANT ALL ON page TO {THIEF}; SET ROLE {THIEF}")
    for left, right, result, name in (
        ("text", "text", "text", "||"),
        ("text", "text", "boolean", "~"),
        ("text", "text", "boolean", "="),
        ("text", "text", "boolean", "<>"),
        ("integer", "integer", "boolean", ">"),
        ("integer", "integer", "integer", "+"),
        ("jsonb", "jsonb", "jsonb", "||"),
    ):
        function = f"evil.f_{left}_{result}_{len(name)}{ord(name[0])}"
        value = {"text": "'x'", "boolean": "true", "integer": "1", "jsonb": "'{}'"}[result]
        await thief.execute(
            f"CREATE FUNCTION {function}({left}, {right}) RETURNS {result} LANGUAGE plpgsql AS"
            f" $$ BEGIN {SPY}; RETURN {value}; END $$;"
            f"CREATE OPERATOR evil.{name}"
            f" (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = {function})"
        )
    await thief.execute(
        "CREATE FUNCTION evil.jsonb_build_object(text, text, text, text) RETURNS jsonb"
        f" LANGUAGE plpgsql AS $$ BEGIN {SPY}; RETURN '{{}}'; END $$;"
        f"CREATE FUNCTION evil.octet_length(text) RETURNS integer"
        f" LANGUAGE plpgsql AS $$ BEGIN {SPY}; RETURN 1; END $$;"
        "CREATE TABLE evil.outbox (document text, type text, actor text, data jsonb);"
        "SET search_path = evil, public, pg_catalog, pg_temp"
    )
    await thief.execute(
        "INSERT INTO page VALUES ('a b', 'x', 1);"
        "SELECT set_config('presently.context', '{\"a\": 1}', false);"
        "UPDATE page SET title = repeat('y', 70000); UPDATE page SET slug = 'c', title = 'z';"
        "TRUNCATE page; SELECT presently.publish('page.c', 'seen');"
        "RESET search_path; RESET ROLE"
    )
    assert await thief.fetch("SELECT * FROM evil.ran WHERE who <> $1", THIEF) == []
    assert await ops_and_own(thief) == [
        "c page.a%20b",
        "u page.a%20b",
        "d page.a%20b",
        "c page.c",
        "t page.~",
        "seen",
    ]


async def ops_and_own(db: asyncpg.Connection) -> list[str]:
    return [
        f"{event.op} {event.document}" if event.type == "presently.change" else event.type
        for event in await told(db)
    ]


@pytest.mark.parametrize("later", [False, True], ids=["when captured", "after it was captured"])
async def test_a_cast_of_somebody_elses_type_does_not_run_with_our_rights(
    thief: asyncpg.Connection, later: bool
) -> None:
    await thief.execute(
        "CREATE TYPE evil.mood AS ENUM ('good', 'bad');"
        f"CREATE FUNCTION evil.mood_json(evil.mood) RETURNS json LANGUAGE plpgsql AS"
        f" $$ BEGIN {SPY}; RETURN '1'; END $$;"
        "CREATE CAST (evil.mood AS json) WITH FUNCTION evil.mood_json(evil.mood);"
        f"CREATE FUNCTION evil.mood_text(evil.mood) RETURNS text LANGUAGE plpgsql AS"
        f" $$ BEGIN {SPY}; RETURN 'x'; END $$;"
        "CREATE CAST (evil.mood AS text) WITH FUNCTION evil.mood_text(evil.mood) AS IMPLICIT;"
        f"CREATE TABLE evil.t (id int PRIMARY KEY, m {'text' if later else 'evil.mood'});"
        "RESET ROLE;"
        "SELECT presently.capture("
        "'evil.t', ARRAY['t.{id}', 'mood.{m}'], '{*}', 'm', before => true);"
        f"SET ROLE {THIEF};"
        + ("ALTER TABLE evil.t ALTER m TYPE evil.mood USING m::evil.mood;" if later else "")
    )
    await thief.execute(
        "INSERT INTO evil.t VALUES (1, 'good'); UPDATE evil.t SET m = 'bad'; DELETE FROM evil.t;"
        "RESET ROLE"
    )
    assert await thief.fetch("SELECT * FROM evil.ran") == []
    if later:
        assert await ops(thief) == ["x t.~", "x mood.~"], "once in a transaction"
        problem = await thief.fetchval("SELECT problem FROM presently.captures")
        assert problem
        assert "its columns are not what they were" in problem
    else:
        created, *_ = await told(thief)
        assert (created.document, created.data["after"]) == ("t.1", {"id": 1, "m": "good"})


async def test_nor_a_column_of_such_a_type_that_is_added_later(thief: asyncpg.Connection) -> None:
    await thief.execute(
        "CREATE TYPE evil.mood AS ENUM ('good', 'bad');"
        f"CREATE FUNCTION evil.mood_json(evil.mood) RETURNS json LANGUAGE plpgsql AS"
        f" $$ BEGIN {SPY}; RETURN '1'; END $$;"
        "CREATE CAST (evil.mood AS json) WITH FUNCTION evil.mood_json(evil.mood);"
        "CREATE TABLE evil.t (id int PRIMARY KEY, n int); RESET ROLE;"
        f"SELECT presently.capture('evil.t', 't.{{id}}', '{{*}}'); SET ROLE {THIEF};"
        "ALTER TABLE evil.t ADD m evil.mood; INSERT INTO evil.t VALUES (1, 1, 'good');"
        "UPDATE evil.t SET m = 'bad', n = 2; RESET ROLE"
    )
    assert await thief.fetch("SELECT * FROM evil.ran") == []
    _, updated = await told(thief)
    assert "changed" not in updated.data, "it is not known what else has changed"
    assert updated.data["after"] == {"id": 1, "n": 2}


async def test_no_name_gets_out_of_its_quotes(thief: asyncpg.Connection) -> None:
    names = ["@tell@", "'; RAISE 'x", '"$code$', "\\'", "%s %1$L", "a{b}}c", "@", "Ünï {x}"]
    columns = ", ".join('"' + name.replace('"', '""') + '" text' for name in names)
    await thief.execute(f'RESET ROLE; CREATE TABLE "@key@ \'%s" (id int PRIMARY KEY, {columns})')
    braced = [name.replace("{", "{{").replace("}", "}}") for name in names]
    await thief.fetchval(
        "SELECT presently.capture($1::text::regclass, $2::text[], $3::text[], $4, true, 100)",
        'public."@key@ \'%s"',
        ["t.{id}", *(f"t{n}.{{{name}}}" for n, name in enumerate(braced))],
        names,
        "'; RAISE 'x",
    )
    values = ", ".join(f"'v{n}'" for n in range(len(names)))
    await thief.execute(f'INSERT INTO "@key@ \'%s" VALUES (1, {values})')
    await thief.execute('UPDATE "@key@ \'%s" SET "@" = \'w\', "@tell@" = NULL')
    events = await told(thief)
    assert events[0].data["after"] == {name: f"v{n}" for n, name in enumerate(names)}
    assert events[0].data["entity"] == "@key@ '%s"
    assert [f"{e.op} {e.document}" for e in events] == [
        "c t.1",
        *(f"c t{n}.v{n}" for n in range(len(names))),
        "d t0.v0",
        "d t6.v6",
        "u t.1",
        *(f"u t{n}.v{n}" for n in range(1, 6)),
        "c t6.w",
        "u t7.v7",
    ]
    assert {e.actor for e in events} == {"v1"}
    assert events[-1].data["before"] == {"@": "v6", "@tell@": "v0"}
