"""The database's trouble in plain words."""

from __future__ import annotations

import asyncpg
import pytest

from producers.postgres.database import plainly


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (asyncpg.InvalidCatalogNameError('database "x" does not exist'), "createdb"),
        (asyncpg.InvalidPasswordError("no"), "user and password of PRESENTLY_DATABASE_URL"),
        (asyncpg.InsufficientPrivilegeError("no"), "presently check"),
        (asyncpg.ProtocolViolationError("unsupported startup parameter: jit"), "pooler"),
        (asyncpg.InvalidSQLStatementNameError("no such statement"), "pooler"),
        (asyncpg.TargetServerAttributeNotMatched("read-write"), "it is a standby"),
        (ConnectionRefusedError(111, "refused"), "host and port of PRESENTLY_DATABASE_URL"),
        (TimeoutError(), "no answer in time"),
        (asyncpg.InterfaceError(""), "InterfaceError"),
    ],
)
def test_it_says_what_to_do(error: Exception, says: str) -> None:
    assert says in plainly(error)
