"""A database that is not where it was: restored, failed over, moved, or with ids that went back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from broker.memory import Bus
from presently_server.check_database import RIGHTS, check_database
from producers.postgres.outbox import Outbox
from producers.postgres.relay import Relay
from tests.integration.producers.postgres.moved import (
    LISTS,
    TABLES,
    epochs,
    execute,
    has_arrived,
    publish,
    relayed,
    remembered,
    resyncs,
    session,
)
from tests.integration.producers.postgres.shards import Shards, running
from tests.support.eventually import eventually
from tests.support.postgres import RestartablePostgres
from tests.support.postgres_copies import SavedFiles, run, stand_by_of

MANY_TRANSACTIONS = """
    DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestartablePostgres]:
    """Another server."""
    folder = Path(tmp_path_factory.mktemp("elsewhere"))
    folder.chmod(0o711)
    server = RestartablePostgres(folder / "data")
    yield server
    server.close()


async def test_files_put_back_are_noticed_by_the_relay_that_saw_later_ones(
    restartable_postgres: RestartablePostgres, bus: Bus, shards: Shards
) -> None:
    server = restartable_postgres
    await execute(server.url, TABLES)
    saved = SavedFiles(server)
    async with running(Relay(server.url, bus.connect)) as relay:
        await execute(server.url, publish("t.1"))
        await eventually(lambda: relay.status.published == 1, within=20)
        assert relay.status.resyncs == 0
        saved.put_back()
        await execute(server.url, publish("t.2"))
        await eventually(lambda: relay.status.resyncs == 1, within=20)
        await eventually(lambda: relay.status.published == 1 + 1 + 3, within=20)
    assert await resyncs(shards) == LISTS
    assert {"t.1", "t.2"} <= {one.document for one in shards.arrived}
    assert len(epochs(shards)) == 2


async def test_and_by_one_that_only_stood_by(
    restartable_postgres: RestartablePostgres, bus: Bus
) -> None:
    server = restartable_postgres
    saved = SavedFiles(server)
    async with running(Relay(server.url, bus.connect)) as first:
        await eventually(lambda: first.status.state == "relaying", within=20)
        async with running(Relay(server.url, bus.connect)) as second:
            await eventually(lambda: second.status.state == "standby", within=20)
            await execute(server.url, publish("t.1"))
            await eventually(lambda: first.status.published == 1)
            await eventually(lambda: second.reached == first.reached)
    saved.put_back()
    async with session(server.url) as connection:
        outbox = Outbox(connection, owner="second", reached=second.reached)
        await outbox.claim()
    assert outbox.broke.startswith("restored to an earlier moment")


async def test_a_recovery_begins_a_new_timeline(
    restartable_postgres: RestartablePostgres,
    bus: Bus,
    shards: Shards,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = restartable_postgres
    await execute(server.url, TABLES, publish("t.1"))
    await relayed(server.url, bus, 1)
    await execute(server.url, publish("t.waits"))
    saved = SavedFiles(server)
    await execute(server.url, publish("t.lost"))
    saved.put_back(recover=True)
    async with running(Relay(server.url, bus.connect)) as relay:
        await eventually(lambda: relay.status.published == 4, within=20)
    said = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert said == [
        "recovered or failed over (timeline 1, now 2): a new epoch, and everybody at a captured "
        "table's documents loads anew"
    ]
    assert await resyncs(shards) == LISTS
    documents = await shards.documents()
    assert [each for each in documents if each.startswith("t.")] == ["t.1", "t.waits"]
    async with running(Relay(server.url, bus.connect)) as relay:  # and only once
        await execute(server.url, publish("t.2"))
        await eventually(lambda: relay.status.published == 1, within=20)
        assert relay.status.resyncs == 0


async def test_a_stand_by_is_refused_in_one_line_and_served_once_it_is_promoted(
    restartable_postgres: RestartablePostgres, bus: Bus, shards: Shards
) -> None:
    primary = restartable_postgres
    await execute(primary.url, TABLES)
    await relayed(primary.url, bus, 0)
    with stand_by_of(primary) as standby:
        both = primary.url.replace("/presently", f",{standby.url.split('@')[1]}")
        async with running(Relay(standby.url, bus.connect)) as alone:
            await eventually(lambda: alone.status.trouble, within=20)
        assert alone.status.trouble.startswith("the database takes no writes: it is a standby")
        async with running(Relay(both, bus.connect)) as relay:
            await eventually(lambda: relay.status.state == "relaying", within=20)
            standby.stop()  # what comes now it will never have
            await execute(primary.url, publish("t.phantom"))
            await eventually(lambda: relay.status.published == 1, within=20)
            primary.stop(hard=True)
            standby.start()
            await execute(standby.url, "SELECT pg_promote()", publish("t.2"))
            await eventually(lambda: relay.status.published == 1 + 3 + 1, within=30)
            assert relay.status.resyncs == 1
        primary.start()
    assert await resyncs(shards) == LISTS
    assert {"t.phantom", "t.2"} <= {one.document for one in shards.arrived}


async def test_a_dump_loaded_elsewhere_loses_nothing_that_waited_and_repeats_nothing(
    restartable_postgres: RestartablePostgres,
    elsewhere: RestartablePostgres,
    bus: Bus,
    shards: Shards,
) -> None:
    old, new = restartable_postgres, elsewhere
    count = (
        "DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
    )
    await execute(old.url, count, TABLES, publish("t.1"))
    await relayed(old.url, bus, 1)
    await execute(old.url, publish("t.published"))
    async with session(old.url) as lock:  # which keeps the relay from purging it
        await lock.execute("BEGIN; SELECT FROM presently.outbox FOR SHARE")
        async with running(Relay(old.url, bus.connect)) as relay:
            await eventually(lambda: relay.status.published == 1)
            await remembered(old.url)
        await lock.execute("ROLLBACK")
    await execute(old.url, publish("t.waits"))

    dump = run(old, "pg_dump", "--dbname", old.url)
    there = new.url.replace("/presently", "/copy")
    await execute(new.url, "CREATE DATABASE copy")
    run(new, "psql", "-Xq", "-v", "ON_ERROR_STOP=1", there, given=dump)
    await execute(there, publish("t.new"))
    async with running(Relay(there, bus.connect)) as relay:
        await eventually(lambda: relay.status.published == 2 + 3, within=20)
        assert relay.status.resyncs == 1
        await execute(there, publish("t.later"))
        await eventually(lambda: relay.status.published == 2 + 3 + 1, within=20)
    assert await resyncs(shards) == LISTS
    documents = await shards.documents()
    assert [each for each in documents if each.startswith("t.")] == [
        "t.1",
        "t.later",
        "t.new",
        "t.published",
        "t.waits",
    ]


async def test_ids_that_went_back_are_noticed_and_not_given_again(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    await db.execute(publish(*(f"t.{n}" for n in range(5))))
    await relayed(database_url, bus, 5)
    await db.execute(publish("t.waits"))
    await db.execute("ALTER SEQUENCE presently.outbox_id_seq RESTART")
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.resyncs == 1, within=20)
        await db.execute(publish(*(f"t.again{n}" for n in range(9))))  # one would have the id 6
        await eventually(lambda: relay.status.published == 10, within=20)
    await shards.take()
    assert len({one.message_id for one in shards.arrived}) == 15
    assert len(epochs(shards)) == 2


async def test_nothing_is_published_that_a_crash_could_take_back(
    restartable_postgres: RestartablePostgres, bus: Bus, shards: Shards
) -> None:
    """A writer does not wait for the disk; whoever publishes its changes must."""
    server = restartable_postgres
    await execute(
        server.url, "CREATE TABLE kept (n int)", "ALTER SYSTEM SET wal_writer_delay = 10000"
    )
    server.restart()
    async with running(Relay(server.url, bus.connect)) as relay:
        for n in range(3):
            await eventually(lambda: relay.status.state == "relaying", within=20)
            row = f"SET synchronous_commit = off; INSERT INTO kept VALUES ({n}); "
            await execute(server.url, row + publish(f"t.{n}"))
            await eventually(partial(has_arrived, shards, f"t.{n}"))
            await asyncio.to_thread(server.restart, hard=True)
        async with session(server.url) as connection:
            rows = await connection.fetch("SELECT n FROM kept ORDER BY n")
            assert [row["n"] for row in rows] == [0, 1, 2]
        await eventually(lambda: relay.status.state == "relaying", within=20)
        assert relay.status.resyncs == 0, "a crash is no restore"


async def test_whoever_may_relay_may_say_so_and_nobody_else(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    await db.execute(TABLES)
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.state == "relaying")
        assert await db.fetchval("SELECT presently.resync()") == 3
        await eventually(lambda: relay.status.published == 3, within=20)
        await db.execute(publish("t.1"))
        await eventually(lambda: relay.status.published == 4, within=20)
    assert await resyncs(shards) == LISTS
    assert len(epochs(shards)) == 1
    await db.execute("CREATE ROLE visitor_of_the_timeline LOGIN")
    try:
        await db.execute("SET SESSION AUTHORIZATION visitor_of_the_timeline")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="may not move the relay"):
            await db.execute("SELECT presently.resync()")
        await db.execute("RESET SESSION AUTHORIZATION")
    finally:
        await db.execute("DROP ROLE visitor_of_the_timeline")


async def test_a_role_that_may_do_no_more_than_check_asks_for(
    restartable_postgres: RestartablePostgres, bus: Bus, shards: Shards
) -> None:
    url = restartable_postgres.url
    await execute(url, TABLES, "CREATE ROLE carrier LOGIN")
    await execute(url, *(f"GRANT {rights} ON {table} TO carrier" for table, rights in RIGHTS))
    theirs = url.replace("postgres@", "carrier@")
    assert "FAIL" not in [finding.level for finding in await check_database(theirs)]
    async with running(Relay(theirs, bus.connect, wake="idle")) as relay:
        await eventually(lambda: relay.wake.hearing, within=20)
        await execute(url, publish("t.1"))
        await eventually(lambda: relay.status.published == 1, within=20)
        await remembered(url)
    await execute(url, "UPDATE presently.relay SET timeline = 9")
    async with running(Relay(theirs, bus.connect)) as relay:
        await eventually(lambda: relay.status.published == 3, within=20)
    assert await resyncs(shards) == LISTS
