"""What is big: a million rows in one statement, ten million in the outbox, one row of a megabyte.

    python -m bench.bulk [joins] [memory] [row] [--rows N] [--outbox N] [--browsers N]

Without a name all three are run, each with services of its own.

* ``joins``: ``--rows`` rows (1,000,000) of a captured table are changed by one UPDATE while
  ``--browsers`` browsers (50), on two gateways, come, join one of 20 documents, stay for up to a
  second and leave. Counted is from the ``join`` sent to the ``joined`` received, and from
  opening the socket; for the time before, during the statement, and until the outbox is published.
  One hub, one relay, two gateways: processes of their own. Budget: p99 below 1 s throughout.
* ``memory``: ``--outbox`` rows (10,000,000) are put into the outbox by one INSERT … SELECT; the
  relay publishes them to shards that `bench.drain` empties. The most the relay held is what the
  kernel says (VmHWM). Budget: 300 MB.
* ``row``: a row with 1 MB of text in a captured table of whole rows is written ten times, while
  another document's row changes 20 times a second. Its event must come, with ``omitted``; counted
  is how long the other row's events took before and meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import uvloop

from bench.commit_to_browser import Watch, browsers
from bench.drain import draining
from bench.house import House, carried, ended, filled, house, resident_mib, spread
from broker.amqp import connector
from broker.declare import declare
from producers.postgres.outbox import PAGE
from schemas import topology
from tests.support.eventually import eventually
from tests.support.stack import Stack, token
from tests.support.tab import open_tab

RIGHTS = {"article.*": "read"}
DOCUMENTS = 20
WITHIN_S = 4 * 3600.0
BEFORE_S = 10.0
BULK = """
CREATE TABLE bulk (id int PRIMARY KEY, n int NOT NULL, title text);
INSERT INTO bulk SELECT n, 0, 'title ' || n FROM generate_series(1, {rows}) AS n;
SELECT presently.capture('public.bulk', 'bulk.{{id}}', columns => '{{n}}');
"""
PUBLISHED = "SELECT pg_visible_in_snapshot($1::text::xid8, seen) FROM presently.relay"
OUTBOX = """
INSERT INTO presently.outbox (document, type, data)
SELECT 'bulk.' || n, 'presently.change', jsonb_build_object(
    'op', 'u', 'entity', 'bulk', 'key', jsonb_build_object('id', n), 'changed', '["n"]'::jsonb)
FROM generate_series(1, $1::bigint) AS n"""
PAGES = """
CREATE TABLE article (id int PRIMARY KEY, version int NOT NULL, body text);
INSERT INTO article SELECT n, 0, '' FROM generate_series(1, 2) AS n;
SELECT presently.capture('public.article', 'article.{id}', columns => '{*}');
"""
FILL = "UPDATE article SET version = version + 1, body = repeat($1, $2) WHERE id = 1"
MEGABYTE = 1_000_000


class Joins:
    """How long joins took, by what went on meanwhile."""

    def __init__(self) -> None:
        self.phase = "before"
        self.joins: dict[str, list[float]] = {}
        self.opens: dict[str, list[float]] = {}
        self.leaving = False

    async def come_and_go(self, urls: Sequence[str], number: int) -> None:
        """One browser after the other, until told to leave."""
        dice = random.Random(number)
        while not self.leaving:
            phase, began = self.phase, time.perf_counter()
            async with open_tab(dice.choice(urls), token(f"user{number}", RIGHTS)) as tab:
                asked = time.perf_counter()
                await tab.join(f"article.{dice.randint(1, DOCUMENTS)}")
                done = time.perf_counter()
                self.joins.setdefault(phase, []).append(done - asked)
                self.opens.setdefault(phase, []).append(done - began)
                await asyncio.sleep(dice.random())

    def table(self, seconds: dict[str, float]) -> None:
        """Print it."""
        print(
            "joins | lasted, s | number | join, ms: p50 | p99 | worst | "
            "with opening: p50 | p99 | worst"
        )
        for phase, joins in self.joins.items():
            times = f"{spread(joins)} | {spread(self.opens[phase])}"
            print(f"{phase} | {seconds[phase]:.1f} | {len(joins)} | {times}", flush=True)


@asynccontextmanager
async def services(made: House, gateways: int) -> AsyncIterator[tuple[Stack, asyncpg.Connection]]:
    """A hub, gateways, a relay; and a session of a writer."""
    stack = made.stack()
    db = await asyncpg.connect(made.database_url)
    try:
        await stack.add_hub()
        for _ in range(gateways):
            await stack.add_gateway()
        await stack.add_relay()
        yield stack, db
    finally:
        await ended(stack)
        await db.close()


async def joins(made: House, rows: int, browsers: int) -> None:
    """Joins amid a bulk write."""
    async with services(made, 2) as (stack, db):
        await db.execute(BULK.format(rows=rows), timeout=WITHIN_S)
        counted, seconds = Joins(), dict[str, float]()
        urls = [gateway.url for gateway in stack.gateways]
        async with asyncio.TaskGroup() as tasks:
            for number in range(browsers):
                tasks.create_task(counted.come_and_go(urls, number))
            await asyncio.sleep(BEFORE_S)
            seconds["before"] = BEFORE_S
            counted.phase, began = f"one UPDATE of {rows:,} rows", time.perf_counter()
            async with db.transaction():
                xid = await db.fetchval("SELECT pg_current_xact_id()::text")
                await db.execute("UPDATE bulk SET n = n + 1", timeout=WITHIN_S)
            seconds[counted.phase] = time.perf_counter() - began
            counted.phase, began = "until all is on the bus", time.perf_counter()
            await eventually(lambda: db.fetchval(PUBLISHED, xid), within=WITHIN_S)
            seconds[counted.phase] = time.perf_counter() - began
            counted.leaving = True
        counted.table(seconds)
        held = [f"{each.name} {resident_mib(each):.0f} MiB" for each in stack.services()]
        print(f"held at most: {', '.join(held)}", flush=True)


async def memory(made: House, rows: int) -> None:
    """What a relay holds with a long outbox."""
    broker = await connector(made.amqp_url)("bench")
    await declare(broker, topology.installation())
    await broker.close()
    began = time.perf_counter()
    xid = await filled(made.database_url, OUTBOX, rows, WITHIN_S)
    print(f"{rows:,} rows in the outbox after {time.perf_counter() - began:.0f} s", flush=True)
    stack = made.stack()
    async with draining(made.amqp_url):
        started = time.perf_counter()
        relay = await stack.add_relay()
        idle = resident_mib(relay)
        first, last = await carried(made.database_url, xid, WITHIN_S)
        held = resident_mib(relay)
        await ended(stack)
    rate = (rows - PAGE) / (last - first)
    print("outbox, rows | relay, MiB: at its start | at most | its first page after, s | rows/s")
    print(f"{rows:,} | {idle:.0f} | {held:.0f} | {first - started:.1f} | {rate:,.0f}", flush=True)


async def change(made: House, watch: Watch, rows: int, row: int) -> None:
    """One row, again and again: the next once a browser has the last."""
    db = await asyncpg.connect(made.database_url)
    for version in range(1, rows + 1):
        watch.sent[row, version] = time.perf_counter()
        await db.execute("UPDATE article SET version = $1 WHERE id = $2", version, row)
        await watch.until(version)
        await asyncio.sleep(0.05)
    await db.close()


async def row(made: House) -> None:
    """A row of a megabyte, and who is disturbed by it."""
    watch, writes, began = Watch(), list[float](), 0.0
    async with services(made, 1) as (stack, db):
        await db.execute(PAGES)
        async with (
            browsers(stack, [2], 1, watch),
            open_tab(stack.gateways[0].url, token("fry", RIGHTS)) as tab,
            asyncio.TaskGroup() as tasks,
        ):
            await tab.join("article.1")
            tasks.create_task(change(made, watch, 300, 2))
            await asyncio.sleep(5)
            began = time.perf_counter()
            for number in range(10):
                sent = time.perf_counter()
                await db.execute(FILL, chr(ord("a") + number), MEGABYTE)
                writes.append(time.perf_counter() - sent)
                await asyncio.sleep(0.5)
            events = await tab.until_events("article.1", 10)
    print("a row of 1 MB | writing it, ms: p50 | p99 | worst | its event, bytes | omitted")
    size, omitted = max(len(json.dumps(event)) for event in events), events[-1]["data"]["omitted"]
    print(f"10 times | {spread(writes)} | {size} | {omitted}")
    print("another row's change until a browser has it | number | ms: p50 | p99 | worst")
    quiet = [at - watch.sent[which] for which, at in watch.frames if at < began]
    amid = [at - watch.sent[which] for which, at in watch.frames if at >= began]
    print(f"before | {len(quiet)} | {spread(quiet)}")
    print(f"meanwhile | {len(amid)} | {spread(amid)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.bulk")
    parser.add_argument("what", nargs="*", choices=["joins", "memory", "row", []], default=[])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--outbox", type=int, default=10_000_000)
    parser.add_argument("--browsers", type=int, default=50)
    chosen = parser.parse_args()
    for what in chosen.what or ["joins", "memory", "row"]:
        with house() as house_:
            if what == "joins":
                uvloop.run(joins(house_, chosen.rows, chosen.browsers))
            elif what == "memory":
                uvloop.run(memory(house_, chosen.outbox))
            else:
                uvloop.run(row(house_))
