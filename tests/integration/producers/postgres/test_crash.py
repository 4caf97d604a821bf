"""The server crashes while commits wait in memory for its disk (``synchronous_commit = off``)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from producers.postgres.outbox import Outbox
from tests.support.postgres import RestartablePostgres

pytestmark = pytest.mark.postgres

FORGETFUL = {
    "wal_writer_delay": "10s",  # The log goes to the disk when somebody's commit waits for it.
    "autovacuum": "off",
    "max_connections": "20",
}
PUBLISH = "SELECT presently.publish('t.1', 'x')"
THERE = "SELECT count(*) FROM presently.outbox WHERE document = 't.1'"


@pytest.fixture
def server() -> Iterator[RestartablePostgres]:
    base = Path(tempfile.mkdtemp(prefix="presently-postgres-"))
    base.chmod(0o711)
    try:
        made = RestartablePostgres(base / "data", FORGETFUL)
        yield made
        made.close()
    finally:
        shutil.rmtree(base)


@asynccontextmanager
async def session(server: RestartablePostgres) -> AsyncIterator[asyncpg.Connection]:
    """Of a writer that does not wait for the disk."""
    db = await asyncpg.connect(server.url, server_settings={"synchronous_commit": "off"})
    try:
        yield db
    finally:
        db.terminate()


async def crash(server: RestartablePostgres) -> None:
    await asyncio.to_thread(server.restart, hard=True)


async def test_what_a_crash_takes_back_was_not_told_before(server: RestartablePostgres) -> None:
    """Whoever just reads the outbox publishes what never happened; ours flushes the log first."""
    async with session(server) as db, session(server) as reader:
        await db.execute(PUBLISH)
        assert await reader.fetchval(THERE) == 1  # What a plain reader would have published.
        await crash(server)
    async with session(server) as db, session(server) as reader:
        assert await reader.fetchval(THERE) == 0
        outbox = Outbox(reader, owner="me")
        await outbox.claim()
        await db.execute(PUBLISH)
        pages = outbox.pages()
        page = await anext(pages)
        assert [row.document for row in page.rows] == ["t.1"]
        await crash(server)
    async with session(server) as reader:
        assert await reader.fetchval(THERE) == 1


async def test_an_id_that_a_crash_gives_twice_is_not_taken_for_a_repeat(
    server: RestartablePostgres,
) -> None:
    async with session(server) as db:
        await db.execute("CHECKPOINT")  # The sequence's next step goes to the log, and is lost.
        lost = await db.fetchval(PUBLISH)
        await crash(server)
    async with session(server) as db:
        kept = await db.fetchval(PUBLISH)
    (epoch, id, at), (epoch_after, id_after, at_after) = lost.split("-"), kept.split("-")
    assert (epoch, id) == (epoch_after, id_after)  # All that a name without the time would say.
    assert at < at_after
