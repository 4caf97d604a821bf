"""The relay's one session with PostgreSQL, which both sides give up soon when the other is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from producers.postgres import pooler
from producers.postgres.pooler import Pooled

CONNECT_SECONDS: Final = 5.0
COMMAND_SECONDS: Final = 10.0
"""We ask at least every quarter of a second, so a dead server is noticed within this."""
CLOSE_SECONDS: Final = 2.0

SETTINGS: Final = {
    "application_name": "presently relay",
    # A relay that is stopped in its tracks (SIGSTOP, a frozen machine) must lose the lock.
    "idle_session_timeout": "3s",
    "idle_in_transaction_session_timeout": "3s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
    # A cursor that falls back in a crash costs repeats, which are recognised by their ids.
    "synchronous_commit": "off",
    # Short queries over a table whose size changes all the time.
    "jit": "off",
    "enable_seqscan": "off",
}


DATABASE_TROUBLE: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # when the server ends the session between two commands
)
"""What asyncpg raises when the world, and not we, did something wrong."""


@asynccontextmanager
async def relay_session(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the server that takes writes.

    Raises:
        DATABASE_TROUBLE: No such server, or it refuses us, or takes no writes.
        Pooled: The session would not be ours alone.
    """
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=SETTINGS,
            target_session_attrs=SessionAttribute.read_write,
        )
    except asyncpg.PostgresError as error:
        if not pooler.refuses(error):
            raise
        raise Pooled(await pooler.mode(dsn)) from None
    try:
        if await pooler.is_pooled(connection, SETTINGS):
            raise Pooled(await pooler.mode(dsn))
        yield connection
    finally:
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        except DATABASE_TROUBLE:
            connection.terminate()


def plainly(error: BaseException) -> str:
    """One line for people: what the database's trouble is, and what to do about it."""
    said = " ".join(str(error).split()) or type(error).__name__
    match error:
        case asyncpg.InvalidCatalogNameError():
            return f"{said}: make it (createdb), or mend PRESENTLY_DATABASE_URL"
        case asyncpg.InvalidAuthorizationSpecificationError():  # and a wrong password
            return f"the database refuses us: {said}; user and password of PRESENTLY_DATABASE_URL"
        case asyncpg.InsufficientPrivilegeError():
            return f"the database refuses us: {said}; `presently check` says what the role lacks"
        case asyncpg.PostgresError() if pooler.refuses(error):
            return str(Pooled("some"))
        case asyncpg.TargetServerAttributeNotMatched():
            return (
                "the database takes no writes: it is a standby (or default_transaction_read_only "
                "is on); give PRESENTLY_DATABASE_URL the primary, or all hosts: //one,two/name"
            )
        case TimeoutError() | OSError():
            why = "no answer in time" if isinstance(error, TimeoutError) else said
            return (
                f"the database is away: {why}; is it running? host and port of "
                "PRESENTLY_DATABASE_URL"
            )
    return f"the database: {said}"
