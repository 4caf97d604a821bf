"""Tells the rows that were there before their table was captured, as ``presently.change`` op ``r``.

In chunks, in the order of the primary key, through the outbox like any change, and no faster than
the relay takes them: the outbox does not grow by more than ``WAITING`` rows and a chunk. Where it
has come to is in the table ``presently.backfill``, moved in the transaction that tells a chunk: it
may be stopped or killed at any time, and goes on when it is begun again. SQL:
``migrations/0012_backfill.sql``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Literal

import asyncpg

CHUNK: Final = 1_000
"""Rows in one transaction, by default. They are held against changes while it lasts: some 50 ms."""
CHUNK_MOST: Final = 10_000
WAITING: Final = 10_000
"""While so many rows wait in the outbox, nothing more is told: about a second of a relay's work."""
LOOK_EVERY: Final = 0.2
"""Seconds between two looks at the outbox."""
LOCK_SECONDS: Final = 1
"""How long we wait for a row that somebody holds, before we try another."""
LOCK: Final = 7_395_021
"""First half of the advisory lock of a table's backfill; the second is the table's object id."""
COUNT_SECONDS: Final = 5.0
"""For counting the rows; then PostgreSQL's estimate of the whole table has to do."""


class Busy(Exception):
    """Another backfill of this table runs. The operator's fault; a retry helps once it is over."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is.

    Attributes:
        told: Rows told, those of an earlier run included.
        total: Rows there are, or an estimate.
        waits: What for, just now: the relay, or somebody who holds a row; ``""`` for nothing.
    """

    told: int
    total: int
    waits: Literal["", "relay", "row"] = ""


class Backfill:
    """One table's, in one session.

    Args:
        table: As PostgreSQL's ``regclass`` reads it, e.g. ``public.article``.
        where: A condition for its rows, as after ``WHERE``.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        table: str,
        *,
        where: str = "true",
        chunk: int = CHUNK,
    ) -> None:
        self._db = connection
        self._table = table
        self._where = where
        self._chunk = min(chunk, CHUNK_MOST)
        self._which: tuple[int, str] = (0, where)

    async def begin(self, *, anew: bool = False) -> Progress:
        """Find out where to begin: ``told`` is above 0 if an earlier run got so far.

        Args:
            anew: Forget the earlier run.

        Raises:
            Busy: Somebody is at it.
            asyncpg.PostgresError: No such table, not captured, no primary key, no condition.
        """
        oid = await self._db.fetchval("SELECT $1::text::regclass::oid::bigint", self._table)
        self._which = (oid, self._where)
        held = "SELECT pg_try_advisory_lock($1, $2::bigint::bit(32)::integer)"
        if not await self._db.fetchval(held, LOCK, oid):
            raise Busy(f"another backfill of {self._table} runs")
        await self._db.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        await self._db.fetchrow("SELECT * FROM presently.backfill_keys($1::bigint::regclass)", oid)
        total = await self._count()
        if anew:
            await self.forget()
        told = await self._db.fetchval(
            "INSERT INTO presently.backfill AS b (tbl, condition) VALUES ($1::bigint::regclass, $2)"
            " ON CONFLICT (tbl, condition) DO UPDATE SET told = b.told RETURNING told",
            *self._which,
        )
        return Progress(told, max(total, told))

    async def run(self, begun: Progress) -> AsyncGenerator[Progress, None]:
        """Tell all rows. Leaving in the middle is safe: beginning again goes on from there."""
        done, left, turn = False, 1, 0
        while not done or left:
            waits: Literal["", "relay", "row"] = ""
            try:
                if await self._crowded():
                    waits = "relay"
                elif not done:
                    done = await self._db.fetchval(
                        "SELECT presently.backfill_chunk($1::bigint::regclass, $2, $3)",
                        *self._which,
                        self._chunk,
                    )
                else:
                    left = await self._db.fetchval(
                        "SELECT presently.backfill_aside($1::bigint::regclass, $2, $3)",
                        *self._which,
                        turn,
                    )
            except asyncpg.LockNotAvailableError:
                waits, turn = "row", turn + 1
            told = await self._db.fetchval(
                "SELECT told FROM presently.backfill"
                " WHERE tbl = $1::bigint::regclass AND condition = $2",
                *self._which,
            )
            yield Progress(told, max(begun.total, told), waits)
            if waits == "relay":
                await asyncio.sleep(LOOK_EVERY)
        await self.forget()

    async def forget(self) -> None:
        """Let the next run begin from the first row."""
        await self._db.execute(
            "DELETE FROM presently.backfill WHERE tbl = $1::bigint::regclass AND condition = $2",
            *self._which,
        )

    async def _crowded(self) -> bool:
        waiting = f"SELECT count(*) FROM (SELECT FROM presently.outbox LIMIT {WAITING}) AS waiting"
        return bool(await self._db.fetchval(waiting) >= WAITING)

    async def _count(self) -> int:
        name = await self._db.fetchval(
            "SELECT format('%s AS %I', oid::regclass, relname) FROM pg_class"
            " WHERE oid = $1::bigint::oid",
            self._which[0],
        )
        try:
            count: int = await self._db.fetchval(
                f"SELECT count(*) FROM {name} WHERE ({self._where}\n)", timeout=COUNT_SECONDS
            )
        except TimeoutError:
            count = await self._db.fetchval(
                "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = $1::bigint::oid",
                self._which[0],
            )
        return count
