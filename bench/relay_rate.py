"""Rows per second from the outbox into RabbitMQ, by one relay, each row confirmed.

    python -m bench.relay_rate [--rows 200000] [--profile]

One statement writes all rows of a captured table (two of its columns go with the event); only then
the relay is started, as a process of its own. Counted is from the first page to the last that it
remembers as published (quorum queues, publisher confirms on, persistent messages). The shards are
emptied by ``bench.drain``. Relay, PostgreSQL, RabbitMQ and drain share this machine's cores, and
the columns say who used how much of one. ``--profile`` runs the relay under cProfile and prints
where its time went; its rate then means nothing.

Budget (issue 4): 10,000 rows/s on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats

import asyncpg
import uvloop

from bench.drain import draining
from bench.house import House, carried, cpu_seconds, ended, filled, house
from broker.amqp import connector
from broker.declare import declare
from producers.postgres.outbox import PAGE
from producers.postgres.relay import Relay
from schemas import topology

TABLE = """
CREATE TABLE item (id int PRIMARY KEY, name text, price numeric, stock int, at timestamptz);
SELECT presently.capture('public.item', '{document}', columns => '{{name,price}}');
"""
FILL = "INSERT INTO item SELECT n, 'item ' || n, n * 0.25, 7, now() FROM generate_series(1, $1) n"
CASES = {"each row its own document": "item.{id}", "all rows one document": "shop.items"}
WITHIN_S = 1800.0
HEAD = "case | rows | rows/s | µs of a core each: relay | PostgreSQL | RabbitMQ | the drain"


async def fill(made: House, document: str, rows: int) -> str:
    """One transaction with all of them."""
    db = await asyncpg.connect(made.database_url)
    try:
        await db.execute("DROP TABLE IF EXISTS item")
        await db.execute(TABLE.format(document=document))
    finally:
        await db.close()
    return await filled(made.database_url, FILL, rows, WITHIN_S)


async def measured(made: House, what: str, rows: int) -> None:
    """One line of the table."""
    xid = await fill(made, CASES[what], rows)
    stack = made.stack()
    async with draining(made.amqp_url) as drain:
        pids = [made.postgres_pid, made.rabbit_pid, drain]
        before = [0.0, *map(cpu_seconds, pids)]  # A relay begins with what its start costs.
        relay = await stack.add_relay()
        assert relay.process is not None
        began, done = await carried(made.database_url, xid, WITHIN_S)
        after = list(map(cpu_seconds, [relay.process.pid, *pids]))
        await ended(stack)
    costs = " | ".join(
        f"{(now - then) / rows * 1e6:.0f}" for then, now in zip(before, after, strict=True)
    )
    print(f"{what} | {rows:,} | {(rows - PAGE) / (done - began):,.0f} | {costs}", flush=True)


async def profiled(made: House, rows: int) -> None:
    """Where a relay's time goes."""
    xid = await fill(made, CASES["each row its own document"], rows)
    relay, profile = Relay(made.database_url, connector(made.amqp_url)), cProfile.Profile()
    async with draining(made.amqp_url), asyncio.TaskGroup() as tasks:
        profile.enable()
        relaying = tasks.create_task(relay.run())
        await carried(made.database_url, xid, WITHIN_S)
        profile.disable()
        relay.stop()
        await relaying
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


async def main(made: House, rows: int, profile: bool) -> None:
    """The table, or the profile."""
    broker = await connector(made.amqp_url)("bench")
    await declare(broker, topology.installation())
    if profile:
        await profiled(made, rows)
    else:
        print(HEAD)
        for what in CASES:
            await measured(made, what, rows)
    await broker.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.relay_rate")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with house() as house_:
        uvloop.run(main(house_, chosen.rows, chosen.profile))
