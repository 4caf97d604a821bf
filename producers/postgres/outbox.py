"""The relay's view of the outbox: what is new, in order, and how far we have come.

A batch is the difference of two snapshots: everything visible in S2 that was not visible in S1,
ordered by id. It neither loses a transaction that commits late (a cursor on ids does), nor waits
for the oldest one running anywhere (a cursor below the horizon does), nor inverts two changes of
one row: the second takes its id under the row's lock, after the first has committed, and a
snapshot that sees the second sees the first. The idea is PgQ's (Skype, 2007).

What was committed with ``synchronous_commit = off`` is visible before it is safe: a crash of the
server takes it back. So nothing is handed out before the server's log is on its disk that far.

One session does all of it: it holds the advisory lock, so losing the lock and losing the cursor
are one event. SQL is in ``queries/``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg

from producers.postgres.rows import Backlog, Cursor, Origin, Page, Row

LOCK: Final = 7_395_021_118_304_002
"""Advisory lock: one relay at a time in a database. Any number nobody else uses."""
PAGE: Final = 500
"""Rows read, published and confirmed together. A crash repeats at most so many."""
PURGE: Final = 5_000
"""Rows deleted in one statement: some 20 ms, less than a poll."""
SORT_SECONDS: Final = 600.0
"""For finding and sorting the ids of a batch; a million take about a second."""
COUNTED: Final = 100_000
"""A backlog is counted up to here; beyond it the number means "at least"."""

_FOLDER: Final = Path(__file__).parent / "queries"
_SQL: Final = {path.stem: path.read_text("utf-8") for path in _FOLDER.glob("*.sql")}


class NotMigrated(Exception):
    """The operator's fault: our tables are not (all) there. Run ``presently migrate``."""


class NotOurs(Exception):
    """Another relay has taken the cursor. The world's fault; stand by and try again."""


class Outbox:
    """One session's hold on the outbox. Not for use by two tasks at once."""

    def __init__(self, connection: asyncpg.Connection, *, owner: str, name: str = "main") -> None:
        self._db = connection
        self._owner = owner
        self._name = name
        self._cursor = Cursor("", None, 0)

    async def try_lead(self) -> bool:
        """Whether the advisory lock is ours now."""
        return bool(await self._db.fetchval("SELECT pg_try_advisory_lock($1::bigint)", LOCK))

    async def claim(self) -> Origin:
        """Take the cursor over, where its last owner left it.

        Raises:
            NotMigrated: The database has no such cursor.
        """
        try:
            row = await self._db.fetchrow(_SQL["claim"], self._name, self._owner)
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
            raise NotMigrated(f"{error}: run `presently migrate`") from None
        if row is None:
            raise NotMigrated(f"presently.relay has no row {self._name!r}")
        self._cursor = Cursor(row["seen"], row["batch"], row["last_id"])
        return Origin(row["epoch"], row["cluster"], row["database"])

    async def pages(self, size: int = PAGE) -> AsyncGenerator[Page, None]:
        """The batch begun earlier, else all that is new now, page by page; nothing if nothing is.

        The caller publishes a page, then calls ``move``, then asks for the next. Leaving in the
        middle is safe; a batch left in the middle goes on where the cursor was last moved to.
        """
        begun, durable = self._cursor.batch, True
        if begun is None:
            found = await self._db.fetchrow(_SQL["poll"], self._cursor.seen)
            assert found is not None
            if not found["anything"]:
                return
            begun, durable = str(found["batch"]), found["durable"]
        async with self._db.transaction():
            await self._db.execute("CLOSE ALL; SET LOCAL synchronous_commit = local")
            if not durable:
                await self._db.execute(_SQL["flush"], self._name, self._owner)
            await self._db.execute(
                _SQL["begin_batch"],
                self._cursor.seen,
                begun,
                self._cursor.last_id,
                timeout=SORT_SECONDS,
            )
        done = Cursor(begun, None, 0)
        ids = await self._next_ids(size)
        while ids:
            rows = [Row(**row) for row in await self._db.fetch(_SQL["rows"], ids)]
            ids = await self._next_ids(size)
            yield Page(
                rows, replace(self._cursor, batch=begun, last_id=rows[-1].id) if ids else done
            )
        await self._db.execute("CLOSE batch")
        if self._cursor.seen != begun:  # the rest of a batch was empty
            await self.move(done)

    async def move(self, then: Cursor) -> None:
        """Persist how far we have come.

        Raises:
            NotOurs: Another relay owns the cursor now. Nothing was moved.
        """
        query, arguments = (
            ("finish", (then.seen,)) if then.batch is None else ("move", (then.batch, then.last_id))
        )
        moved = await self._db.fetchval(_SQL[query], self._name, self._owner, *arguments)
        if moved is None:
            raise NotOurs
        self._cursor = then

    async def purge(self, most: int = PURGE) -> int:
        """Delete up to ``most`` published rows; returns how many went."""
        return int(await self._db.fetchval(_SQL["purge"], self._cursor.seen, most))

    async def backlog(self) -> Backlog:
        """What waits to be published."""
        at = self._cursor
        row = await self._db.fetchrow(_SQL["backlog"], at.seen, at.batch, at.last_id, COUNTED)
        assert row is not None
        return Backlog(row["waiting"], row["lag_ms"])

    async def stay_awake(self) -> None:
        """Tell the server that we are alive; it ends sessions that are silent for long."""
        await self._db.execute("SELECT 1")

    async def _next_ids(self, size: int) -> list[int]:
        return [row["id"] for row in await self._db.fetch(f"FETCH {size} FROM batch")]
