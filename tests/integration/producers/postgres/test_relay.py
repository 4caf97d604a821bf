"""From a commit to a shard's queue, and what happens when something dies on the way."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from broker.declare import declare
from broker.memory import Bus
from producers.postgres.pace import LEAST
from producers.postgres.post import AWAKE
from producers.postgres.relay import Relay
from schemas import limits, topology
from schemas.messages import RelayBeat, read_control
from tests.integration.producers.postgres.outbox_rows import ARTICLE
from tests.integration.producers.postgres.shards import (
    Shards,
    declare_installation,
    running,
    take_queue,
)
from tests.support.eventually import eventually


def has(shards: Shards, *documents: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return set(documents) <= set(await shards.documents())

    return look


async def test_a_commit_arrives_at_its_shard_once_and_a_rollback_never(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    await db.execute(ARTICLE)
    async with running(Relay(database_url, bus.connect)) as relay:
        await db.execute("BEGIN; INSERT INTO article VALUES (41, 'never'); ROLLBACK")
        await db.execute("INSERT INTO article VALUES (42, 'Mars', 'new', 'fry')")
        own = await db.fetchval("SELECT presently.publish('page.a%2Fb', 'looked', '{\"n\": 1}')")
        await eventually(has(shards, "article.42", "page.a%2Fb"))
        # The last thing written went out with the confirm; nothing more comes.
        await eventually(lambda: relay.status.published == 2)
    change, looked = sorted(await shards.take(), key=lambda one: one.document)
    assert change.key == ":03.article.42"
    assert change.event["actor"] == "fry"
    assert change.event["data"]["after"] == {"title": "Mars", "status": "new"}
    assert looked.message_id == looked.event["id"] == own
    source = change.event["source"].split("/")
    assert source[1] == "pg"
    assert source[2].isdigit()
    assert database_url.endswith(source[3])


async def test_what_is_published_is_purged(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    async with running(Relay(database_url, bus.connect)):
        await db.execute("SELECT presently.publish('t.' || n, 'x') FROM generate_series(1, 700) n")
        empty = "SELECT count(*) = 0 FROM presently.outbox"
        await eventually(lambda: db.fetchval(empty), within=20)
    assert len(await shards.take()) == 700


async def test_killed_between_publish_and_cursor_repeats_the_same_ids(
    db: asyncpg.Connection,
    database_url: str,
    bus: Bus,
    shards: Shards,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck = asyncio.Event()

    async def never(*_: object) -> None:
        stuck.set()
        await asyncio.Event().wait()

    await db.execute("SELECT presently.publish('t.' || n, 'x') FROM generate_series(1, 1200) n")
    with monkeypatch.context() as dying:
        dying.setattr("producers.postgres.outbox.Outbox.move", never)
        async with running(Relay(database_url, bus.connect)):
            await stuck.wait()
    first = {one.message_id for one in await shards.take()}
    assert len(first) == 1000, "a page is sent while the one before is confirmed"
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.published == 1200)
        await shards.take()
    ids = [one.message_id for one in shards.arrived]
    assert len(ids) == 2200
    assert len(set(ids)) == 1200
    assert first <= set(ids[1000:])


async def test_the_broker_goes_and_comes_back(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.state == "relaying")
        bus.stop()
        await db.execute("SELECT presently.publish('t.1', 'x')")
        await eventually(lambda: relay.status.state == "away")
        assert "broker" in relay.status.trouble
        bus.start()
        await eventually(has(shards, "t.1"), within=20)
        assert relay.status.trouble == ""


async def test_the_database_ends_the_session(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.state == "relaying")
        assert await db.fetchval(kill) is True
        await eventually(lambda: relay.status.state == "away")
        await db.execute("SELECT presently.publish('t.1', 'x')")
        await eventually(has(shards, "t.1"), within=20)


async def test_one_works_and_the_other_takes_over(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    async with running(Relay(database_url, bus.connect, name="second")) as second:
        async with running(Relay(database_url, bus.connect, name="first")) as first:
            both = {"relaying", "standby"}
            await eventually(lambda: {first.status.state, second.status.state} == both)
            await db.execute("SELECT presently.publish('t.1', 'x')")
            await eventually(has(shards, "t.1"))
        await db.execute("SELECT presently.publish('t.2', 'x')")
        await eventually(lambda: second.status.state == "relaying")
        await eventually(has(shards, "t.2"))
    assert await shards.documents() == ["t.1", "t.2"]


async def test_a_shard_is_never_handed_more_than_it_should_hold(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    broker = await bus.connect("test depth")
    slot_of_t1 = "SELECT presently.publish('t.1', 'x') FROM generate_series(1, 2000)"
    async with running(Relay(database_url, bus.connect)) as relay:
        await db.execute(slot_of_t1)
        await eventually(lambda: relay.status.published == LEAST)
        depths = [await broker.depth(topology.shard_queue(slot)) for slot in range(16)]
        assert sorted(depths)[-2:] == [0, LEAST]
        # Its worker is away for longer than the database tolerates silence; then it comes back.
        await asyncio.sleep(AWAKE * 3.5)
        assert (relay.status.state, relay.status.published) == ("relaying", LEAST)
        taken = 0
        async with asyncio.timeout(30), await broker.open() as channel:
            queue = topology.shard_queue(depths.index(LEAST))
            inbox = await channel.consume(queue, prefetch=limits.PREFETCH)
            while taken < 2000:
                deliveries = await inbox.take()
                taken += len(deliveries)
                inbox.ack(deliveries[-1].tag)


async def test_a_row_that_makes_no_event_is_put_aside_and_the_next_is_served(
    db: asyncpg.Connection, database_url: str, bus: Bus, shards: Shards
) -> None:
    await db.execute("INSERT INTO presently.outbox (document, type) VALUES ('nonsense', 'x')")
    await db.execute("SELECT presently.publish('t.1', 'x')")
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(has(shards, "t.1"))
        assert relay.status.dead == 1
    (dead,) = await take_queue(await bus.connect("test dead"), topology.DEAD)
    assert "no document id" in str(dead.headers["reason"])
    assert json.loads(dead.body)["subject"] == "nonsense"


async def test_it_tells_that_it_is_alive_and_how_far_behind(
    db: asyncpg.Connection, database_url: str, bus: Bus
) -> None:
    broker = await bus.connect("test control")
    made = topology.worker_topology("w", 1)
    await declare(broker, made)
    await db.execute("SELECT presently.publish('t.' || n, 'x') FROM generate_series(1, 10) n")
    async with await broker.open() as channel:
        inbox = await channel.consume(made.queues[0].name, prefetch=10)
        async with running(Relay(database_url, bus.connect, name="here")) as relay:
            (delivery, *_) = await inbox.take()
            beat = read_control(delivery.body)
    assert isinstance(beat, RelayBeat)
    assert beat.relay == relay.name
    assert beat.relay.startswith("here-")


async def test_a_missing_topology_is_waited_for(db: asyncpg.Connection, database_url: str) -> None:
    bus = Bus()
    await db.execute("SELECT presently.publish('t.1', 'x')")
    async with running(Relay(database_url, bus.connect)) as relay:
        await eventually(lambda: relay.status.trouble)
        await declare_installation(await bus.connect("test hub"))
        await eventually(has(Shards(bus.connect), "t.1"), within=20)


async def test_a_database_that_does_not_exist_is_said_once(
    database_url: str, bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = f"{database_url.rpartition('/')[0]}/nowhere"
    tries = 0

    async def more(relay: Relay) -> bool:
        nonlocal tries
        tries += 1
        return tries > 20 and relay.status.trouble != ""

    async with running(Relay(nowhere, bus.connect)) as relay:
        await eventually(lambda: more(relay))
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said == [
        'relay away: database "nowhere" does not exist: make it (createdb), or mend '
        "PRESENTLY_DATABASE_URL"
    ]
