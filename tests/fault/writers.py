"""Writers that change rows and know what they committed."""

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
WRITERS = 4


class Writers:
    """Several sessions that change some documents' rows at a rate.

    Attributes:
        committed: Document → version → when COMMIT returned (``time.monotonic()``).
    """

    def __init__(self, url: str, documents: Sequence[str], seed: int) -> None:
        self.committed: dict[str, dict[int, float]] = {document: {} for document in documents}
        self._url = url
        self._documents = list(documents)
        self._seed = seed
        self._stopping = False
        self._readers: asyncpg.Pool

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connect, and make the table."""
        async with asyncpg.create_pool(self._url, min_size=1, max_size=2) as self._readers:
            await self._readers.execute(TABLE)
            yield

    async def version(self, document: str) -> int:
        """Of a document's row, as a page loads it."""
        found = await self._readers.fetchval(
            "SELECT version FROM page WHERE id = $1", key(document)
        )
        return int(found)

    def stop(self) -> None:
        """No more changes after those under way."""
        self._stopping = True

    async def write(self, per_second: float) -> None:
        """Change rows until stopped."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(WRITERS):
                tasks.create_task(self._write(number, per_second / WRITERS))

    async def _write(self, number: int, per_second: float) -> None:
        dice = random.Random(f"{self._seed} writer {number}")
        db = await asyncpg.connect(self._url)
        try:
            while not self._stopping:
                await asyncio.sleep(dice.expovariate(per_second))
                some = sorted(dice.sample(self._documents, dice.choice([1, 1, 1, 1, 2, 3])))
                await self._transact(db, some, dice)
        finally:
            await db.close()

    async def _transact(
        self, db: asyncpg.Connection, documents: Sequence[str], dice: random.Random
    ) -> None:
        """One transaction; one in ten is rolled back, one in ten takes its time."""
        fate = dice.random()
        made: list[tuple[str, int]] = []
        transaction = db.transaction()
        await transaction.start()
        for document in sorted(documents, key=key):
            made.append((document, await db.fetchval(STEP, key(document))))
        if fate > 0.9:
            await asyncio.sleep(dice.random() * 0.2)
        if fate < 0.1:
            await transaction.rollback()
            return
        await transaction.commit()
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
