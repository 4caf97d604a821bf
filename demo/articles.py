"""The articles in PostgreSQL: plain SQL, as any application would write it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import asyncpg

SCHEMA: Final = Path(__file__).parent / "schema.sql"
CAPTURE: Final = Path(__file__).parent / "capture.sql"
"""The line that the composition root runs once Presently's own migrations are in."""

STATUSES: Final = ("draft", "in review", "published")
LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 20_000
"""Characters; `schema.sql` checks the same bounds."""

HIGHEST_ID: Final = 2**31 - 1
CONNECTIONS: Final = 5
INSTALLING: Final = 0x61727469
"""Advisory lock: two demos that start together install one after the other."""

COLUMNS: Final = "id, title, body, status, version, updated_by, updated_at, fence"


@dataclass(frozen=True)
class Article:
    """
    One row. `version` grows by one with every UPDATE, whoever writes it; `fence` with every lease
    that a save was made under.
    """

    id: int
    title: str
    body: str
    status: str
    version: int
    updated_by: str
    updated_at: datetime
    fence: int = 0


@dataclass(frozen=True)
class Draft:
    """
    What a form would like a row to be. `version` is the one the form was filled from, `fence` that
    of the lease it was written under; None without one: no JavaScript, or Presently is away.
    """

    title: str
    body: str
    status: str
    version: int
    fence: int | None = None


async def install(database: str) -> None:
    """Create the table, its triggers and a few friendly rows, unless they are there."""
    connection = await asyncpg.connect(database, server_settings={"application_name": "demo"})
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", INSTALLING)
            await connection.execute(SCHEMA.read_text(encoding="utf-8"))
    finally:
        await connection.close()


class Articles:
    """A pool of connections to the table. Use as an async context manager."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def __aenter__(self) -> Self:
        self._pool = await asyncpg.create_pool(
            self._database,
            min_size=1,
            max_size=CONNECTIONS,
            server_settings={"application_name": "demo"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        pool, self._pool = self._opened, None
        await pool.close()

    async def all(self) -> list[Article]:
        """Return every article, oldest first."""
        rows = await self._opened.fetch(f"SELECT {COLUMNS} FROM article ORDER BY id")
        return [Article(**row) for row in rows]

    async def find(self, id: int) -> Article | None:
        """Return one article, or None if there is none of that id."""
        if id > HIGHEST_ID:
            return None
        row = await self._opened.fetchrow(f"SELECT {COLUMNS} FROM article WHERE id = $1", id)
        return Article(**row) if row else None

    async def save(self, id: int, draft: Draft, by: str) -> bool:
        """
        Write a draft, unless the row has changed under it or somebody saved under a later lease;
        say whether it was written. Without a lease the version alone protects the row.
        """
        if id > HIGHEST_ID:
            return False
        written = await self._opened.fetchval(
            """
            UPDATE article
               SET title = $3, body = $4, status = $5, updated_by = $6, fence = coalesce($7, fence)
             WHERE id = $1 AND version = $2 AND fence <= coalesce($7, fence)
            RETURNING id
            """,
            id,
            draft.version,
            draft.title,
            draft.body,
            draft.status,
            by,
            draft.fence,
        )
        return written is not None

    @property
    def _opened(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            raise RuntimeError("Articles is not open: use `async with`")
        return self._pool
