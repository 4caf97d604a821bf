"""A real PgBouncer before the database is named, in one line, by the relay and by `check`."""

from __future__ import annotations

import asyncpg
import pytest

from broker.memory import Bus
from presently_server.check_database import check_database
from producers.postgres import pooler
from producers.postgres.database import SETTINGS, relay_session
from producers.postgres.relay import Relay
from tests.integration.producers.postgres.shards import running
from tests.support.eventually import eventually
from tests.support.pgbouncer import pgbouncer

SWALLOWS = ",".join([*SETTINGS, "extra_float_digits"])
LENDS = (
    "this is a pooler (PgBouncer or one like it) in transaction mode, which lends our session, and "
    "the lock with it, to others: give PRESENTLY_DATABASE_URL the address of PostgreSQL itself"
)


@pytest.mark.parametrize("ignores", ["extra_float_digits", SWALLOWS], ids=["strict", "lax"])
async def test_transaction_mode_is_named_by_the_relay_and_by_check(
    database_url: str, bus: Bus, caplog: pytest.LogCaptureFixture, ignores: str
) -> None:
    with pgbouncer(database_url, "transaction", ignores=ignores) as url:
        async with running(Relay(url, bus.connect)) as relay:
            await eventually(lambda: relay.status.trouble)
        (finding,) = await check_database(url)
    assert relay.status.trouble == LENDS
    assert [each.getMessage() for each in caplog.records] == [f"relay away: {LENDS}"]
    assert (finding.level, finding.do) == ("FAIL", LENDS.partition(": ")[2])
    assert "in transaction mode" in finding.what


async def test_session_mode_keeps_the_session_but_not_its_settings(database_url: str) -> None:
    with (
        pgbouncer(database_url, "session", ignores=SWALLOWS) as url,
        pytest.raises(pooler.Pooled) as caught,
    ):
        async with relay_session(url):
            pass
    assert caught.value.mode == "session"


async def test_what_cannot_be_found_out_is_not_claimed() -> None:
    assert await pooler.mode("postgresql://nobody@127.0.0.1:1/nowhere") == "some"


async def test_postgresql_itself_is_none(database_url: str) -> None:
    async with relay_session(database_url) as connection:
        assert not await pooler.is_pooled(connection, SETTINGS)
    findings = await check_database(database_url)
    assert "itself, no pooler; it takes writes" in findings[0].what


def test_what_was_prepared_in_a_lent_session_is_gone() -> None:
    assert pooler.refuses(asyncpg.InvalidSQLStatementNameError("no such statement"))
    assert pooler.refuses(asyncpg.DuplicatePreparedStatementError("already exists"))
    assert not pooler.refuses(asyncpg.UndefinedTableError("no such table"))
