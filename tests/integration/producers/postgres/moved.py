"""What a database that moved is told by: captured tables, rows to publish, what arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from broker.memory import Bus
from producers.postgres.relay import Relay
from tests.integration.producers.postgres.shards import Shards, running
from tests.support.eventually import eventually

TABLES = """
    CREATE TABLE article (id int PRIMARY KEY, title text);
    CREATE TABLE page (tenant text, id int, PRIMARY KEY (tenant, id));
    INSERT INTO page VALUES ('acme', 1), ('acme', 2), ('a/b', 1);
    SELECT presently.capture('article', 'article.{id}');
    SELECT presently.capture('page', '{tenant}.page.{id}');
"""
LISTS = ["a%2Fb.page.~", "acme.page.~", "article.~"]
"""The collections of these rows."""


@asynccontextmanager
async def session(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def execute(url: str, *commands: str) -> None:
    async with session(url) as connection:
        for command in commands:
            await connection.execute(command)


def publish(*documents: str) -> str:
    return "; ".join(f"SELECT presently.publish('{document}', 'x')" for document in documents)


async def relayed(url: str, bus: Bus, number: int) -> None:
    """Relay until so many are published, and they are purged."""
    async with running(Relay(url, bus.connect)) as relay, session(url) as connection:
        await eventually(lambda: relay.status.published == number, within=20)
        empty = "SELECT count(*) = 0 FROM presently.outbox"
        await eventually(lambda: connection.fetchval(empty), within=20)


async def remembered(url: str) -> None:
    """Until the cursor, too, knows that all is published: a relay killed before would repeat it."""
    all_seen = """
        SELECT coalesce(bool_and(pg_visible_in_snapshot(o.xid, r.seen)), true)
        FROM presently.outbox AS o, presently.relay AS r WHERE r.name = 'main'
    """
    async with session(url) as connection:
        await eventually(lambda: connection.fetchval(all_seen), within=20)


async def has_arrived(shards: Shards, document: str) -> bool:
    return document in await shards.documents()


async def resyncs(shards: Shards) -> list[str]:
    """Which lists were told to load anew."""
    await shards.take()
    return sorted(one.document for one in shards.arrived if one.event["type"] == "presently.resync")


def epochs(shards: Shards) -> list[str]:
    """Those of all ids, in the order in which they were first seen."""
    return list(dict.fromkeys(one.message_id.split("-")[0] for one in shards.arrived))
