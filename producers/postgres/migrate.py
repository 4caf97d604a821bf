"""Brings a database's schema ``presently`` up to date, from the numbered files in ``migrations/``.

A file is applied once, in the order of its number, in a transaction of its own that also records
it. Applied files are never edited; what changes is a new file.

Most files are *pre*: they only add, so that the version that is running goes on with the schema as
it is afterwards. A file whose first line begins with ``-- post:`` takes away what an older version
needs; it is applied when that is gone, by ``presently migrate --post``, or at once to a new
database. So no pre file may rest on a post file. docs/decisions/0020 has more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

FOLDER: Final = Path(__file__).parent / "migrations"
LOCK: Final = 7_395_021_118_304_001
"""Advisory lock: one migration at a time in a database. Any number nobody else uses."""
OLDEST: Final = 140_000
"""PostgreSQL 14: ``idle_session_timeout``, ``CREATE OR REPLACE TRIGGER``."""

_NAME: Final = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z_]+)\.sql")
_POST: Final = "-- post:"
_BEGIN: Final = """
CREATE SCHEMA IF NOT EXISTS presently;
CREATE TABLE IF NOT EXISTS presently.migration (
    number integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""


class TooOld(RuntimeError):
    """The operator's fault: this PostgreSQL lacks what we need. A retry does not help.

    Attributes:
        version: The server's version, e.g. ``130011``.
    """

    def __init__(self, version: int) -> None:
        super().__init__(
            f"PostgreSQL {version // 10_000} is too old: {OLDEST // 10_000} or newer is needed"
        )
        self.version = version


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def post(self) -> bool:
        """Whether it is for when the older version is gone."""
        return self.sql.startswith(_POST)


def migrations() -> list[Migration]:
    """All there are, in order."""
    found = []
    for path in FOLDER.glob("*.sql"):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise RuntimeError(f"{path.name} is not named like 0001_what_it_does.sql")
        found.append(Migration(int(match["number"]), match["name"], path.read_text("utf-8")))
    return sorted(found)


async def applied(connection: asyncpg.Connection) -> set[int]:
    """The numbers that this database has."""
    if await connection.fetchval("SELECT to_regclass('presently.migration')") is None:
        return set()
    return {
        row["number"] for row in await connection.fetch("SELECT number FROM presently.migration")
    }


async def migrate(connection: asyncpg.Connection, *, post: bool = False) -> list[Migration]:
    """Apply what is missing and return it. Harmless to repeat and to run twice at once.

    Args:
        post: Also what is for when no older version runs any more. In a new database: always.

    Raises:
        TooOld: The server is older than ``OLDEST``. Nothing was changed.
        asyncpg.PostgresError: A file failed, e.g. for want of a right. Earlier ones stay applied.
    """
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST:
        raise TooOld(version)
    await connection.execute("SELECT pg_advisory_lock($1::bigint)", LOCK)
    try:
        new = not await applied(connection)
        missing = [one for one in await pending(connection) if new or post or not one.post]
        for migration in missing:
            async with connection.transaction():
                await connection.execute(_steps(migration))
        return missing
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1::bigint)", LOCK)


async def pending(connection: asyncpg.Connection) -> list[Migration]:
    """What this version has and the database has not, post files among them."""
    there = await applied(connection)
    return [migration for migration in migrations() if migration.number not in there]


def script(wanted: Iterable[Migration] | None = None) -> str:
    """The same as one SQL script for ``psql``, all or nothing; by default for a new database."""
    chosen = migrations() if wanted is None else sorted(wanted)
    steps = "\n".join(_steps(migration) for migration in chosen)
    return f"BEGIN;\nSELECT pg_advisory_xact_lock({LOCK});\n{steps}\nCOMMIT;\n" if chosen else ""


def _steps(migration: Migration) -> str:
    return (
        f"{_BEGIN.strip()}\n\n-- {migration.number:04d} {migration.name}\n\n{migration.sql.strip()}"
        f"\n\nINSERT INTO presently.migration (number, name)"
        f" VALUES ({migration.number}, '{migration.name}');\n"
    )
