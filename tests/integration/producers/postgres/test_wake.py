"""Writers that wake a relay; what it costs them, whom it breaks, and what happens when it fails."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import asyncpg
import pytest

from broker.memory import Bus
from presently_server.check_database import check_database
from producers.postgres import wake as wake_module
from producers.postgres.relay import Relay
from producers.postgres.wake import CHANNEL, MODES, Mode, Wake, keep_alive
from tests.integration.producers.postgres.shards import Shards, running
from tests.support.eventually import eventually
from tests.support.pgbouncer import pgbouncer
from tests.support.proxy import Proxy

WRITE = "SELECT presently.publish('t.1', 'x')"
NOTIFIES = "SELECT notify FROM presently.wake"
ENABLED = "SELECT tgenabled <> 'D' FROM pg_trigger WHERE tgname = 'presently_wake'"


@pytest.fixture
def sleepy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that sleeps at once and for long: what comes soon, comes because it was woken."""
    monkeypatch.setattr("producers.postgres.relay.BUSY_FOR", -1.0)
    monkeypatch.setattr("producers.postgres.relay.POLL_BUSY", 2.4)
    monkeypatch.setattr("producers.postgres.relay.POLL_IDLE", 2.4)


@pytest.fixture
async def told(other: asyncpg.Connection) -> list[object]:
    """Notifications of writers, as they come."""
    heard: list[object] = []
    await other.add_listener(CHANNEL, lambda *said: heard.append(said[-1]))
    return heard


def has_published(relay: Relay, number: int) -> bool:
    return relay.status.published == number


def writers(told: list[object]) -> int:
    """How many of them are not a relay's own."""
    return told.count("")


@pytest.mark.parametrize("mode", ["idle", "always"])
async def test_a_writer_wakes_it(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards, sleepy: None, mode: Mode
) -> None:
    async with running(Relay(database_url, bus.connect, wake=mode)) as relay:
        await eventually(lambda: db.fetchval(NOTIFIES))
        for n in range(1, 4):
            await db.execute(WRITE)
            await eventually(partial(has_published, relay, n))
            await eventually(lambda: db.fetchval(NOTIFIES))
        assert relay.wake.wakeups == 3
        assert relay.wake.state == mode
        await db.execute("BEGIN; SELECT presently.publish('t.2', 'x'); ROLLBACK")
        assert relay.wake.wakeups == 3


async def test_off_costs_writers_nothing(
    db: asyncpg.Connection, database_url: str, bus: Bus, told: list[object]
) -> None:
    async with running(Relay(database_url, bus.connect)) as relay:
        await db.execute(WRITE)
        await eventually(lambda: relay.status.published == 1)
        assert await db.fetchval(ENABLED) is False
    assert told == []


async def test_idle_costs_them_nothing_while_it_is_busy(
    db: asyncpg.Connection,
    database_url: str,
    bus: Bus,
    told: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("producers.postgres.relay.BUSY_FOR", 1.0)
    async with running(Relay(database_url, bus.connect, wake="idle")) as relay:
        await eventually(lambda: db.fetchval(NOTIFIES))
        await db.execute(WRITE)
        await eventually(lambda: db.fetchval(f"SELECT NOT ({NOTIFIES})"))
        for n in range(2, 12):
            await db.execute(WRITE)
            await eventually(partial(has_published, relay, n))
        assert writers(told) == 1
        await eventually(lambda: db.fetchval(NOTIFIES))


async def test_who_relays_next_asks_for_what_it_wants(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    async with running(Relay(database_url, bus.connect, wake="always")):
        await eventually(lambda: db.fetchval(NOTIFIES))
    assert await db.fetchval(NOTIFIES), "it was killed, as it were, and could not take it back"
    async with running(Relay(database_url, bus.connect)):
        await eventually(lambda: db.fetchval(f"SELECT NOT ({NOTIFIES}) AND NOT ({ENABLED})"))


async def test_one_that_stops_takes_it_back(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    relay = Relay(database_url, bus.connect, wake="always")
    async with asyncio.TaskGroup() as tasks:
        ending = tasks.create_task(relay.run())
        await eventually(lambda: db.fetchval(NOTIFIES))
        relay.stop()
        await ending
    assert await db.fetchval(NOTIFIES) is False


async def test_no_writer_waits_for_the_trigger_to_be_switched(
    db: asyncpg.Connection, other: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    await other.execute("BEGIN")
    await other.execute(WRITE)
    assert await db.fetchval("SELECT presently.wake_trigger(true)") is False
    await other.execute("COMMIT")
    assert await db.fetchval("SELECT presently.wake_trigger(true)") is True
    assert await db.fetchval(ENABLED) is True


async def test_a_dead_line_is_said_once_and_dialled_anew(
    db: asyncpg.Connection,
    database_url: str,
    bus: Bus,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wake_module, "PROBE_EVERY", 0.2)
    monkeypatch.setattr(wake_module, "PROBE_WITHIN", 0.5)
    monkeypatch.setattr(wake_module, "CONNECT_SECONDS", 0.5)
    parts = urlsplit(database_url)
    proxy = await Proxy.to(str(parts.hostname), int(parts.port or 0))
    through = database_url.replace(f":{parts.port}/", f":{proxy.port}/")
    try:
        async with running(Relay(through, bus.connect, wake="idle")) as relay:
            await eventually(lambda: relay.wake.hearing)
            proxy.stall(only=b"presently relay wake")
            await eventually(lambda: relay.wake.state == "deaf")
            await db.execute(WRITE)
            await eventually(lambda: relay.status.published == 1)  # it looks, all the same
            tries = proxy.accepted
            await eventually(lambda: proxy.accepted > tries + 2)
            proxy.restore()
            await eventually(lambda: relay.wake.hearing)
    finally:
        await proxy.close()
    said = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert len(said) == 1, said
    assert said[0].startswith("not woken by writers, looking every 250 ms")


async def test_a_pooler_that_swallows_notifications_is_noticed(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In transaction mode LISTEN succeeds, and somebody else is lent the session that listens."""
    monkeypatch.setattr(wake_module, "PROBE_EVERY", 0.2)
    monkeypatch.setattr(wake_module, "PROBE_WITHIN", 1.0)
    ignores = "extra_float_digits,application_name"
    with pgbouncer(database_url, "transaction", ignores=ignores) as url:
        wake = Wake(url, "idle", lambda: None)
        somebody = await asyncpg.connect(url)
        async with wake.listening():
            await eventually(lambda: wake.hearing)
            async with somebody.transaction():
                await somebody.execute("SELECT 1")
                await eventually(lambda: caplog.records)
        somebody.terminate()
    said = caplog.records[0].getMessage()
    assert "did not come back" in said or "this is a pooler" in said


async def test_the_kernel_is_to_notice_a_server_that_is_gone(db: asyncpg.Connection) -> None:
    keep_alive(db)
    line = cast("Any", db)._transport.get_extra_info("socket")
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
        option, (level, value) = getattr(socket, name), wake_module.KEEPALIVE[name]
        assert line.getsockopt(level, option) == value


async def test_what_the_block_raises_comes_out_as_it_is(database_url: str) -> None:
    for mode in ("off", "idle"):
        with pytest.raises(ZeroDivisionError):
            async with Wake(database_url, mode, lambda: None).listening():
                raise ZeroDivisionError


@pytest.mark.parametrize("mode", MODES)
async def test_two_phase_commit_goes_with_off_and_no_other(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards, sleepy: None, mode: Mode
) -> None:
    name = f"wake {mode}"
    async with running(Relay(database_url, bus.connect, wake=mode)) as relay:
        await eventually(lambda: relay.status.state == "relaying")
        if mode != "off":
            await eventually(lambda: db.fetchval(NOTIFIES))
        await db.execute("BEGIN")
        await db.execute(WRITE)
        if mode == "off":
            await db.execute(f"PREPARE TRANSACTION '{name}'")
            await db.execute(f"COMMIT PREPARED '{name}'")
            await eventually(lambda: relay.status.published == 1)
        else:
            with pytest.raises(asyncpg.FeatureNotSupportedError, match="NOTIFY"):
                await db.execute(f"PREPARE TRANSACTION '{name}'")
        levels = [
            each.level
            for each in await check_database(database_url, wake=mode)
            if "wake the relay" in each.what
        ]
        assert levels == ([] if mode == "off" else ["warn"])
