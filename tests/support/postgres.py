"""
The PostgreSQL that tests run on.

* `database_url`: the URL of a fresh database with our migrations. What nearly every test wants.
* `empty_database_url`: the URL of a fresh database with nothing in it.
* `postgres_url`: the server itself, one for the whole run, as its superuser.
* `restartable_postgres`: a server of the test's own, with our migrations, that may be restarted.

It is the server of `PRESENTLY_TEST_DATABASE_URL` (a superuser's URL; we add databases and drop
them again) if that is set, else a private one out of the wheel.
"""

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from presently_server.local_postgres import LocalPostgres, local_postgres
from producers.postgres.migrate import migrate

ROOMY = {"max_connections": "100"}

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


class RestartablePostgres:
    """A private server on one folder and one port. A commit it answered is kept, whatever happens.

    The server ends with the thread that started it, so all of this happens on one of ours.

    Args:
        settings: Of the server.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] = ROOMY) -> None:
        self._folder = folder
        self._settings = settings
        self._thread = ThreadPoolExecutor(1)
        self._running = ExitStack()
        self._server: LocalPostgres
        self._thread.submit(self._start, None).result()
        _finish(_migrate(self.url))

    @property
    def url(self) -> str:
        """Its database with our migrations."""
        return self._server.dsn()

    @property
    def folder(self) -> Path:
        """Where its data are."""
        return self._server.folder

    @property
    def binaries(self) -> Path:
        """Where PostgreSQL's programs are."""
        return self._server.binaries

    async def empty(self) -> None:
        """Nothing in the database but our migrations."""
        server = self._server.dsn("postgres")
        await _command(server, "DROP DATABASE presently WITH (FORCE)")
        await _command(server, "CREATE DATABASE presently")
        await _migrate(self.url)

    def restart(self, *, hard: bool = False) -> None:
        """Stop it, fast or (`hard`) as in a crash, and start it; it recovers from its log."""
        self._thread.submit(self._restart, hard).result()

    def stop(self, *, hard: bool = False) -> None:
        """End it; `start` brings it back."""
        self._thread.submit(self._stop, hard).result()

    def start(self) -> None:
        """On the same port and data."""
        self._thread.submit(self._start, self._server.port).result()

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        self._thread.shutdown()

    def _start(self, port: int | None) -> None:
        made = local_postgres(self._folder, port=port, durable=False, settings=self._settings)
        self._server = self._running.enter_context(made)

    def _stop(self, hard: bool) -> None:
        if hard:  # All its processes quit at once, as after a crash of one of them.
            with suppress(ProcessLookupError):
                os.kill(self._server.pid, signal.SIGQUIT)
        self._running.close()

    def _restart(self, hard: bool) -> None:
        self._stop(hard)
        self._start(self._server.port)


@pytest.fixture
def restartable_postgres() -> Iterator[RestartablePostgres]:
    """A server that the test may stop, restart and crash."""
    base = Path(tempfile.mkdtemp(prefix="presently-postgres-"))
    base.chmod(0o711)
    try:
        server = RestartablePostgres(base / "data")
        yield server
        server.close()
    finally:
        shutil.rmtree(base)


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
