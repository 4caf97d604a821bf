"""Writers that change rows and know what they committed, also when the database goes away."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence

import asyncpg

TABLE = """
DROP TABLE IF EXISTS page;
CREATE TABLE page (id int PRIMARY KEY, version int NOT NULL DEFAULT 0);
INSERT INTO page (id) SELECT generate_series(1, 40);
SELECT presently.capture('public.page', 'page.{id}', columns => '{version}');
"""
STEP = "UPDATE page SET version = version + 1 WHERE id = $1 RETURNING version"
WRITERS = 8
ROWS = (1, 1, 1, 1, 2, 3)
"""How many rows a transaction changes."""
ROLLED_BACK, SLOW = 0.1, 0.05
CHANGES = sum(ROWS) / len(ROWS) * (1 - ROLLED_BACK)
"""Committed, per transaction, on average."""
ANSWERS_S = 15.0
"""A statement that takes longer has met a dead line: its connection is given up."""
AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # A line that ends while the pool cleans a connection up.
    TimeoutError,
)


class Writers:
    """Several sessions that change some documents' rows at a rate.

    A row's version only ever grows by one, under the row's lock: whatever happened to a COMMIT that
    was not answered, at rest the versions 1 to ``final`` were committed, each once.

    Attributes:
        committed: Document → version → when COMMIT returned (``time.monotonic()``).
        in_doubt: (document, version) of every COMMIT that was not answered.
        failed: Transactions that were given up before their COMMIT.

    Args:
        url: What writers and pages connect to.
        direct: The database itself, for the oracle.
    """

    def __init__(self, url: str, direct: str, documents: Sequence[str], seed: int) -> None:
        self.committed: dict[str, dict[int, float]] = {document: {} for document in documents}
        self.in_doubt: list[tuple[str, int]] = []
        self.failed = 0
        self._url, self._direct = url, direct
        self._documents: list[str] = []
        self._seed = seed
        self._stopping = False
        self._writing: list[asyncio.Task[None]] = []
        self._readers: asyncpg.Pool

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connect, and make the table."""
        self._readers = asyncpg.create_pool(
            self._url, min_size=0, max_size=3, timeout=ANSWERS_S, command_timeout=ANSWERS_S
        )
        async with self._readers:
            await self._readers.execute(TABLE)
            yield
            self._readers.terminate()

    async def version(self, document: str) -> int:
        """Of a document's row, as a page loads it: again until the database answers."""
        while True:
            try:
                async with asyncio.timeout(ANSWERS_S):
                    found = await self._readers.fetchval(
                        "SELECT version FROM page WHERE id = $1", key(document)
                    )
                return int(found)
            except AWAY:
                await asyncio.sleep(0.2)

    def stop(self) -> None:
        """No more changes after those under way."""
        self._stopping = True

    async def final(self) -> dict[str, int]:
        """The version each row came to, once all writers have ended."""
        if self._writing:
            await asyncio.wait(self._writing)
        db = await asyncpg.connect(self._direct)
        try:
            rows = await db.fetch("SELECT id, version FROM page")
        finally:
            await db.close()
        return {f"page.{row['id']}": row["version"] for row in rows}

    async def write(self, documents: Sequence[str], per_second: float) -> None:
        """Change these until stopped. Args: per_second: committed changes aimed at."""
        self._documents = list(documents)
        async with asyncio.TaskGroup() as tasks:
            for number in range(WRITERS):
                writing = self._write(number, per_second / CHANGES / WRITERS)
                self._writing.append(tasks.create_task(writing))

    async def _write(self, number: int, per_second: float) -> None:
        """One session; who finds the line dead connects again."""
        dice = random.Random(f"{self._seed} writer {number}")
        while not self._stopping:
            db: asyncpg.Connection | None = None
            try:
                db = await asyncpg.connect(self._url, timeout=ANSWERS_S, command_timeout=ANSWERS_S)
                due = time.monotonic()
                while not self._stopping:
                    due += dice.expovariate(per_second)
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    await self._transact(db, dice)
            except AWAY:
                self.failed += 1
                await asyncio.sleep(0.1 + dice.random() / 2)
            finally:
                if db is not None:
                    db.terminate()

    async def _transact(self, db: asyncpg.Connection, dice: random.Random) -> None:
        """One transaction; some are rolled back, some take their time."""
        documents = sorted(dice.sample(self._documents, dice.choice(ROWS)), key=key)
        fate, pause = dice.random(), dice.random() * 0.2
        made: list[tuple[str, int]] = []
        transaction = db.transaction()
        await transaction.start()
        for document in documents:
            made.append((document, await db.fetchval(STEP, key(document))))
        if fate > 1 - SLOW:
            await asyncio.sleep(pause)
        if fate < ROLLED_BACK:
            await transaction.rollback()
            return
        try:
            await transaction.commit()
        except AWAY:
            self.in_doubt += made
            raise
        now = time.monotonic()
        for document, version in made:
            self.committed[document][version] = now

    async def burst(self, document: str, count: int) -> None:
        """So many changes of one document in one transaction."""
        db = await asyncpg.connect(self._url)
        try:
            async with db.transaction():
                versions = [await db.fetchval(STEP, key(document)) for _ in range(count)]
            now = time.monotonic()
            for version in versions:
                self.committed[document][version] = now
        finally:
            await db.close()

    @contextlib.asynccontextmanager
    async def long_transaction(self, document: str) -> AsyncIterator[None]:
        """A change that is made now and committed at the end. Nobody else may write there."""
        db = await asyncpg.connect(self._url)
        try:
            async with db.transaction():
                version = await db.fetchval(STEP, key(document))
                yield
            self.committed[document][version] = time.monotonic()
        finally:
            await db.close()


def key(document: str) -> int:
    """``page.7`` → 7."""
    return int(document.rpartition(".")[2])
