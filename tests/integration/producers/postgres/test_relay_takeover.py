"""A relay that stops answering without dying; a real broker; a crowd of writers and crashes."""

import asyncio
import random
import signal
import subprocess
import sys

import asyncpg

from broker.amqp import connector
from broker.memory import Bus
from producers.postgres.database import SETTINGS
from producers.postgres.relay import STANDBY, Relay
from tests.integration.producers.postgres.shards import Shards, declare_installation, running
from tests.support.eventually import eventually

OWNER = "SELECT owner FROM presently.relay"


async def test_a_frozen_relay_loses_its_lock_and_moves_nothing_when_it_wakes(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    module = "tests.integration.producers.postgres.frozen_relay"
    frozen = subprocess.Popen([sys.executable, "-m", module, database_url])
    try:
        owner = await eventually(lambda: db.fetchval(OWNER), within=20)
        assert owner.startswith("frozen-")
        frozen.send_signal(signal.SIGSTOP)
        async with running(Relay(database_url, bus.connect)) as relay:
            await db.execute("SELECT presently.publish('t.1', 'x')")
            # 3 s of silence and the next try, both settings; the rest is a busy machine's.
            assert float(SETTINGS["idle_session_timeout"].rstrip("s")) + STANDBY < 5
            await eventually(lambda: relay.status.state == "relaying", within=20)
            await eventually(lambda: relay.status.published == 1)
            frozen.send_signal(signal.SIGCONT)
            await db.execute("SELECT presently.publish('t.2', 'x')")
            await eventually(lambda: relay.status.published == 2)
            assert await db.fetchval(OWNER) == relay.name
        assert await shards.documents() == ["t.1", "t.2"]
    finally:
        frozen.kill()
        frozen.wait()


async def test_on_rabbitmq(db: asyncpg.Connection, database_url: str, amqp_url: str) -> None:
    connect = connector(amqp_url)
    hub = await connect("test hub")
    await declare_installation(hub)
    shards = Shards(connect)
    async with running(Relay(database_url, connect)) as relay:
        await db.execute("SELECT presently.publish('t.' || n, 'x') FROM generate_series(1, 1500) n")
        await eventually(lambda: relay.status.published >= 1000, within=30)

        async def all_arrived() -> bool:
            return len({one.message_id for one in await shards.take()}) == 1500

        await eventually(all_arrived, within=30)
        assert {one.message_id for one in shards.arrived} == {
            one.event["id"] for one in shards.arrived
        }
    await hub.close()


async def _write_at_random(url: str, luck: random.Random, rounds: int) -> None:
    """Transactions that overlap, nest, wait for each other's rows, commit late or not at all."""
    connection = await asyncpg.connect(url)
    try:
        for _ in range(rounds):
            work = connection.transaction()
            await work.start()
            for row in sorted(luck.sample(range(6), luck.randint(1, 3))):  # no deadlocks
                inner = connection.transaction()
                await inner.start()
                await connection.execute(f"UPDATE counter SET n = n + 1 WHERE id = {row}")
                await asyncio.sleep(luck.random() * 0.01)
                await (inner.rollback() if luck.random() < 0.2 else inner.commit())
            await (work.rollback() if luck.random() < 0.2 else work.commit())
    finally:
        await connection.close()


async def test_a_crowd_of_writers_and_a_relay_that_keeps_dying(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    """Each row counts its committed updates, so each document must tell 1, 2, 3 … to the last.

    Repeats (of a relay that died) may come again, but a number is never *first* told after a
    higher one, and none is missing.
    """
    seed = random.randrange(2**32)
    luck = random.Random(seed)
    await db.execute(
        "CREATE TABLE counter (id int PRIMARY KEY, n int);"
        "INSERT INTO counter SELECT n, 0 FROM generate_series(0, 5) AS n;"
        "SELECT presently.capture('counter', 'counter.{id}', '{n}')"
    )

    async def die_now_and_then(writers: list[asyncio.Task[None]]) -> None:
        while not all(writer.done() for writer in writers):
            async with running(Relay(database_url, bus.connect)):
                await asyncio.sleep(luck.random() * 0.4)

    async with asyncio.TaskGroup() as tasks:
        writers = [
            tasks.create_task(_write_at_random(database_url, random.Random(luck.random()), 40))
            for _ in range(5)
        ]
        tasks.create_task(die_now_and_then(writers))
    async with running(Relay(database_url, bus.connect)):
        await eventually(lambda: db.fetchval("SELECT count(*) = 0 FROM presently.outbox"))
    await shards.take()
    for row in await db.fetch("SELECT id, n FROM counter"):
        told = [
            one.event["data"]["after"]["n"]
            for one in shards.arrived
            if one.document == f"counter.{row['id']}"
        ]
        assert list(dict.fromkeys(told)) == list(range(1, row["n"] + 1)), f"seed {seed}"
