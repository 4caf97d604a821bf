"""
The PostgreSQL that tests run on.

* `database_url`: the URL of a fresh database with our migrations. What nearly every test wants.
* `empty_database_url`: the URL of a fresh database with nothing in it.
* `postgres_url`: the server itself, one for the whole run, as its superuser.

It is the server of `PRESENTLY_TEST_DATABASE_URL` (a superuser's URL; we add databases and drop
them again) if that is set, else a private one out of the wheel.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from presently_server.local_postgres import local_postgres
from producers.postgres.migrate import migrate

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server of this run: given by `PRESENTLY_TEST_DATABASE_URL`, else private."""
    if url := os.environ.get("PRESENTLY_TEST_DATABASE_URL"):
        yield url
        return
    base = Path(tempfile.mkdtemp(prefix="presently-postgres-"))
    base.chmod(0o711)
    try:
        settings = {"max_prepared_transactions": "10", "max_connections": "200"}
        with local_postgres(base / "data", durable=False, settings=settings) as server:
            yield server.dsn("postgres")
    finally:
        shutil.rmtree(base)


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> Iterator[str]:
    """The name of a database with our migrations, to copy from."""
    yield from _database(postgres_url, template="template1", migrated=True, name_only=True)


@pytest.fixture
def database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """The URL of a database that has our migrations and nothing else; gone after the test."""
    yield from _database(postgres_url, template=migrated_template)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """The URL of a database with nothing in it; gone after the test."""
    yield from _database(postgres_url, template="template1")


def _database(
    server: str, *, template: str, migrated: bool = False, name_only: bool = False
) -> Iterator[str]:
    name = f"presently_t{os.getpid()}_{next(_numbers)}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    _finish(_command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        if migrated:
            _finish(_migrate(url))
        yield name if name_only else url
    finally:
        _finish(_command(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _command(url: str, command: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(command)
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
    finally:
        await connection.close()


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end from a fixture, whatever loop the test itself will run on."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
