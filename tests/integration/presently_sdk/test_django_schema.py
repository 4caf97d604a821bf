"""`manage.py migrate` and `presently migrate` make the same schema, and know of one another."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import asyncpg
import pytest

from presently.django import schema
from presently_server.local_postgres_places import wheel_binaries
from producers.postgres import migrate
from tests.integration.presently_sdk.test_django import ROOT, django

pytestmark = pytest.mark.postgres
BINARIES = wheel_binaries()


def dump(database: str) -> str:
    """The schema ``presently``, and which files it has."""
    options = ["--schema", "presently", "--no-comments"]
    made = _run("pg_dump", *options, "--schema-only", database)
    record = _run("psql", "-XAtq", database, "-c", "SELECT number, name FROM presently.migration")
    return re.sub(r"^\\(un)?restrict .*\n", "", made, flags=re.MULTILINE) + record


def _run(program: str, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [str(BINARIES / program), *arguments], input=stdin, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def manage(database: str, *arguments: str) -> str:
    done = django(sys.executable, database, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def presently(*arguments: str) -> str:
    """The command of the other distribution."""
    done = subprocess.run(
        [sys.executable, "-m", "presently_server", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'producers' / 'python'}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def asked(database: str, question: str) -> object:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.fixture
def by_psql(database_url: str, empty_database_url: str) -> str:
    """A database made by `presently migrate --sql | psql`."""
    _run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", empty_database_url, stdin=migrate.script())
    return empty_database_url


def test_the_same_schema_by_either_way(by_psql: str, database_url: str) -> None:
    assert presently("migrate", "--sql") == migrate.script()
    _run("psql", "-Xq", database_url, "-c", "DROP SCHEMA presently CASCADE")
    manage(database_url, "migrate", "presently")
    assert dump(database_url) == dump(by_psql)


async def test_what_presently_migrate_did_is_recognised(by_psql: str) -> None:
    before = dump(by_psql)
    epoch = await asked(by_psql, "SELECT epoch FROM presently.relay")
    manage(by_psql, "migrate", "presently")
    assert dump(by_psql) == before
    assert await asked(by_psql, "SELECT epoch FROM presently.relay") == epoch
    manage(by_psql, "migrate")
    assert await asked(by_psql, "SELECT count(*) FROM presently.captured") == 1


async def test_what_manage_migrate_did_is_recognised(empty_database_url: str) -> None:
    manage(empty_database_url, "migrate", "presently")
    connection = await asyncpg.connect(empty_database_url)
    assert await migrate.migrate(connection) == []
    await connection.close()


async def test_half_of_each_makes_a_whole(empty_database_url: str, database_url: str) -> None:
    manage(empty_database_url, "migrate", "presently", "0003")
    connection = await asyncpg.connect(empty_database_url)
    assert [each.number for each in await migrate.pending(connection)][:2] == [4, 5]
    await migrate.migrate(connection)
    await connection.close()
    manage(empty_database_url, "migrate", "presently")
    assert dump(empty_database_url) == dump(database_url)


def test_each_sql_file_has_its_migration() -> None:
    """A new SQL file needs a module of its name beside the others, with their two lines."""
    folder = ROOT / "producers" / "python" / "presently" / "django" / "migrations"
    texts = {path.stem: path.read_text() for path in folder.glob("0*.py")}
    assert sorted(texts) == sorted(path.stem for path in migrate.FOLDER.glob("*.sql"))
    assert len(set(texts.values())) == 1


def test_both_agree_on_what_they_share() -> None:
    assert (schema.LOCK, schema.OLDEST) == (migrate.LOCK, migrate.OLDEST)
    assert schema._BEGIN == migrate._BEGIN
    ours = [(file.number, file.name, file.path.read_text()) for file in schema.sql_files()]
    assert ours == [(each.number, each.name, each.sql) for each in migrate.migrations()]
