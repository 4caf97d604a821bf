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

from producers.postgres.migrate import applied
from producers.postgres.rows import Backlog, Cursor, Origin, Page, Row
from producers.postgres.timeline import Found, Place, Reached, broken

LOCK: Final = 7_395_021_118_304_002
"""Advisory lock: one relay at a time in a database. Any number nobody else uses."""
PAGE: Final = 500
"""Rows read and published together. While they are confirmed the next are sent: a crash repeats at
most twice as many."""
PURGE: Final = 5_000
"""Rows deleted in one statement: some 20 ms, less than a poll."""
SORT_SECONDS: Final = 600.0
"""For finding and sorting the ids of a batch; a million take about a second."""
COUNTED: Final = 100_000
"""A backlog is counted up to here; beyond it the number means "at least"."""

NEEDS: Final = 11
"""The newest migration that the queries in ``queries/`` need."""

_FOLDER: Final = Path(__file__).parent / "queries"
_SQL: Final = {path.stem: path.read_text("utf-8") for path in _FOLDER.glob("*.sql")}


_MISSING: Final = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
"""What a database says that lacks our migrations, or the last of them."""


class NotMigrated(Exception):
    """The operator's fault: our tables are not (all) there. Run ``presently migrate``."""


class NotOurs(Exception):
    """Another relay has taken the cursor. The world's fault; stand by and try again."""


class Outbox:
    """One session's hold on the outbox. Not for use by two tasks at once.

    Attributes:
        reached: How far the cursor was known to be, for whoever holds the outbox next.
        broke: Why the cursor could not be gone on from when it was claimed, else ``""``.
    """

    def __init__(
        self, connection: asyncpg.Connection, *, owner: str, reached: Reached | None = None
    ) -> None:
        self._db = connection
        self._owner = owner
        self._name = "main"
        self._cursor = Cursor("", None, 0)
        self.reached = reached
        self.broke = ""

    async def try_lead(self) -> bool:
        """Whether the advisory lock is ours now."""
        return bool(await self._db.fetchval("SELECT pg_try_advisory_lock($1::bigint)", LOCK))

    async def glance(self) -> None:
        """See how far another relay has come: should the database go back, we shall know."""
        try:
            row = await self._db.fetchrow(_SQL["glance"], self._name)
        except _MISSING as error:
            raise NotMigrated(f"{error}: run `presently migrate`") from None
        if row is not None:
            self.reached = Reached(row["epoch"], int(row["reached"]))

    async def claim(self) -> Origin:
        """Take the cursor over, where its last owner left it. If the database is not where it was
        then, begin a new epoch and tell everybody to load anew: ``broke`` says why.

        Raises:
            NotMigrated: The database has no such cursor, or a schema too old for this version.
        """
        await self._check_schema()
        try:
            row = await self._take()
            here = await self._db.fetchrow(_SQL["place"])
            assert here is not None
            self.broke = broken(_found(row, here), self.reached)
            if self.broke:
                await self._db.fetchval("SELECT presently.resync()", timeout=SORT_SECONDS)
                row = await self._take()
            elif row["cluster"] is None:
                await self._db.execute(_SQL["settle"], self._name, self._owner, *_place(here))
        except _MISSING as error:
            raise NotMigrated(f"{error}: run `presently migrate`") from None
        self._cursor = Cursor(row["seen"], row["batch"], row["last_id"])
        self.reached = Reached(row["epoch"], int(row["reached"]))
        return Origin(row["epoch"], here["cluster"], row["database"])

    async def _take(self) -> asyncpg.Record:
        row = await self._db.fetchrow(_SQL["claim"], self._name, self._owner)
        if row is None:
            raise NotMigrated(f"presently.relay has no row {self._name!r}")
        return row

    async def _check_schema(self) -> None:
        try:
            there = await applied(self._db)
        except asyncpg.InsufficientPrivilegeError:  # 0006 lets everybody read it
            return
        if there and NEEDS not in there:
            raise NotMigrated(f"migration {NEEDS:04d} is missing: run `presently migrate`")

    async def pages(self, size: int = PAGE) -> AsyncGenerator[Page, None]:
        """The batch begun earlier, else all that is new now, page by page; nothing if nothing is.

        The caller publishes a page and calls ``move`` once it is confirmed, in the pages' order; it
        may ask for the next before. Leaving in the middle is safe; a batch left in the middle goes
        on where the cursor was last moved to.
        """
        begun = self._cursor.batch
        if begun is None:
            found = await self._db.fetchrow(_SQL["poll"], self._cursor.seen)
            assert found is not None
            if not found["anything"]:
                return
            begun = str(found["batch"])
            await self._begin(begun)
        async with self._db.transaction():
            await self._db.execute("CLOSE ALL")
            await self._db.execute(
                _SQL["begin_batch"],
                self._cursor.seen,
                begun,
                self._cursor.last_id,
                timeout=SORT_SECONDS,
            )
        at, done = self._cursor, Cursor(begun, None, 0)
        if not (ids := await self._next_ids(size)):  # the rest of a batch was empty
            await self.move(done)
        while ids:
            rows = [Row(**row) for row in await self._db.fetch(_SQL["rows"], ids)]
            ids = await self._next_ids(size)
            yield Page(rows, replace(at, batch=begun, last_id=rows[-1].id) if ids else done)
        await self._db.execute("CLOSE batch")

    async def _begin(self, batch: str) -> None:
        """Persist, on disk, that ``batch`` is what is published next.

        Raises:
            NotOurs: Another relay owns the cursor now.
        """
        if not await self._db.fetchval(_SQL["begin"], self._name, self._owner, batch):
            raise NotOurs
        self._cursor = replace(self._cursor, batch=batch, last_id=0)
        assert self.reached is not None
        self.reached = replace(self.reached, transaction=int(batch.split(":")[1]))

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


def _place(here: asyncpg.Record) -> tuple[str, int, int]:
    return here["cluster"], here["database_id"], here["timeline"]


def _found(row: asyncpg.Record, here: asyncpg.Record) -> Found:
    return Found(
        place=Place(*_place(here)),
        before=None if row["cluster"] is None else Place(*_place(row)),
        reached=Reached(row["epoch"], int(row["reached"])),
        next_transaction=int(here["next_transaction"]),
        newest_id=here["newest_id"],
        known_id=row["known_id"],
    )
