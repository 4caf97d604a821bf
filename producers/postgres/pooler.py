"""Whether a connection pooler stands between us and PostgreSQL, and how it lends its sessions.

The relay's lock, its cursor and its settings are its session's. PgBouncer in transaction mode
gives that session to somebody else after each transaction, and says nothing.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import asyncpg

from schemas import limits

PATIENCE: Final = limits.REQUEST_MS / 2000
"""Seconds for each step of finding out."""

Mode = Literal["transaction", "session", "some"]


class Pooled(Exception):
    """The operator's fault: the address is a pooler's. A retry does not help until it is mended.

    Attributes:
        mode: ``transaction`` (or statement) mode was seen at work, ``session`` is what it looks
            like, ``some`` could not be found out.
    """

    def __init__(self, mode: Mode) -> None:
        lends = {
            "transaction": " in transaction mode, which lends our session, and the lock with it, "
            "to others",
            "session": " in session mode, which drops the settings of our session",
            "some": "",
        }[mode]
        super().__init__(
            f"this is a pooler (PgBouncer or one like it){lends}: give PRESENTLY_DATABASE_URL the "
            "address of PostgreSQL itself"
        )
        self.mode = mode


def refuses(error: BaseException) -> bool:
    """Whether this is how a pooler refuses a session with settings of its own, or how it shows
    that it lent our session: what was prepared in it is gone, or somebody else's."""
    return isinstance(
        error, asyncpg.InvalidSQLStatementNameError | asyncpg.DuplicatePreparedStatementError
    ) or (isinstance(error, asyncpg.PostgresError) and "startup parameter" in str(error))


async def is_pooled(connection: asyncpg.Connection, settings: dict[str, str]) -> bool:
    """Whether somebody answers in PostgreSQL's place.

    A pooler makes up the process id that it greets us with (its clients share the server's
    processes), and knows nothing of most settings that we begin with.
    """
    name = "idle_session_timeout"
    async with connection.transaction():  # one transaction is one session, whatever the mode
        row = await connection.fetchrow(
            "SELECT pg_backend_pid() AS pid, current_setting($1) AS setting", name
        )
    assert row is not None
    return bool(row["pid"] != connection.get_server_pid() or row["setting"] != settings[name])


async def mode(dsn: str) -> Mode:
    """How the pooler lends: two clients see the same session, or each has its own."""
    try:
        first = await _connect(dsn)
        try:
            mine = await _session(first)
            second = await _connect(dsn)
            try:
                return "transaction" if await _session(second) == mine else "session"
            finally:
                second.terminate()
        finally:
            first.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "some"


async def _connect(dsn: str) -> Any:
    return await asyncpg.connect(dsn, timeout=PATIENCE, command_timeout=PATIENCE)


async def _session(connection: Any) -> int:
    """The server's process that works for us; where it is lent out, free again afterwards."""
    async with connection.transaction():
        pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    return pid
