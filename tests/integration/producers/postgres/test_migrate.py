"""Migrating a real database."""

import asyncio

import asyncpg
import pytest

from producers.postgres.migrate import applied, migrate, migrations, pending, script


async def test_each_file_is_applied_once_also_when_two_migrate_at_once(
    empty_database_url: str,
) -> None:
    first = await asyncpg.connect(empty_database_url)
    second = await asyncpg.connect(empty_database_url)
    try:
        assert await pending(first) == migrations()
        done = await asyncio.gather(migrate(first), migrate(second))
        assert sorted(done, key=len) == [[], migrations()]
        assert await applied(first) == {migration.number for migration in migrations()}
        assert await migrate(second) == []
    finally:
        await first.close()
        await second.close()


async def test_the_script_does_the_same(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute(script())
        assert await pending(connection) == []
        await connection.execute("SELECT presently.publish('article.42', 'works')")
    finally:
        await connection.close()


async def test_the_owner_need_not_be_a_superuser(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(
        "DROP ROLE IF EXISTS presently_test_owner; CREATE ROLE presently_test_owner;"
        f'GRANT CREATE ON DATABASE "{name}" TO presently_test_owner;'
        "GRANT CREATE ON SCHEMA public TO presently_test_owner"
    )
    try:
        await connection.execute("SET ROLE presently_test_owner")
        await migrate(connection)
        await connection.execute(
            "CREATE TABLE article (id int PRIMARY KEY);"
            "SELECT presently.capture('article', 'article.{id}');"
            "INSERT INTO article VALUES (1)"
        )
        assert await connection.fetchval("SELECT count(*) FROM presently.outbox") == 1
        assert await connection.fetchval("SELECT system_identifier > 0 FROM pg_control_system()")
    finally:
        await connection.execute("RESET ROLE; DROP OWNED BY presently_test_owner CASCADE")
        await connection.execute("DROP ROLE presently_test_owner")
        await connection.close()


async def test_a_failing_file_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [*migrations()[:1], type(migrations()[0])(2, "broken", "SELECT 1; SELECT nonsense;")]
    monkeypatch.setattr("producers.postgres.migrate.migrations", lambda: broken)
    connection = await asyncpg.connect(empty_database_url)
    try:
        with pytest.raises(asyncpg.UndefinedColumnError):
            await migrate(connection)
        assert await applied(connection) == {1}
    finally:
        await connection.close()
