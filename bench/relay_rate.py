"""Rows per second from the outbox into RabbitMQ, by one relay, each row confirmed.

    python -m bench.relay_rate [--rows 200000] [--profile]

One statement writes all rows of a captured table (two of its columns go with the event); only then
the relay is started, as a process of its own. Counted is from the first to the last message that
arrives in the shards' queues (quorum queues, publisher confirms on, persistent messages), which are
emptied by this process. So relay, PostgreSQL, RabbitMQ and the drain share this machine's cores,
and the columns say who used how much of one. ``--profile`` runs the relay under cProfile and prints
where its time went; its rate then means nothing.

Budget (issue 4): 10,000 rows/s on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats

import asyncpg
import uvloop

from bench.drain import Drain
from bench.house import House, cpu_seconds, ended, house
from broker.amqp import connector
from broker.declare import declare
from broker.port import Broker
from producers.postgres.relay import Relay
from schemas import topology

TABLE = """
CREATE TABLE item (id int PRIMARY KEY, name text, price numeric, stock int, at timestamptz);
SELECT presently.capture('public.item', '{document}', columns => '{{name,price}}');
"""
FILL = "INSERT INTO item SELECT n, 'item ' || n, n * 0.25, 7, now() FROM generate_series(1, $1) n"
CASES = {"each row its own document": "item.{id}", "all rows one document": "shop.items"}
WITHIN_S = 1800.0
HEAD = (
    "case | rows | bytes each | rows/s | "
    "µs of a core each: relay | PostgreSQL | RabbitMQ | this process, the drain"
)


async def fill(house_: House, document: str, rows: int) -> None:
    """One transaction with all of them."""
    db = await asyncpg.connect(house_.database_url)
    try:
        await db.execute("DROP TABLE IF EXISTS item")
        await db.execute(TABLE.format(document=document))
        await db.execute(FILL, rows, timeout=WITHIN_S)
    finally:
        await db.close()


async def measured(house_: House, broker: Broker, what: str, rows: int) -> None:
    """One line of the table."""
    await fill(house_, CASES[what], rows)
    stack, drain = house_.stack(), Drain()
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(drain.run(broker))
        pids = [house_.postgres_pid, house_.rabbit_pid, os.getpid()]
        before = [0.0, *map(cpu_seconds, pids)]  # A relay begins with what its start costs.
        relay = await stack.add_relay()
        assert relay.process is not None
        seconds = await drain.until(rows, within=WITHIN_S)
        after = list(map(cpu_seconds, [relay.process.pid, *pids]))
        draining.cancel()
        await ended(stack)
    costs = " | ".join(
        f"{(now - then) / rows * 1e6:.0f}" for then, now in zip(before, after, strict=True)
    )
    size = drain.bytes / drain.taken
    print(f"{what} | {rows:,} | {size:.0f} | {rows / seconds:,.0f} | {costs}", flush=True)


async def profiled(house_: House, broker: Broker, rows: int) -> None:
    """Where a relay's time goes."""
    await fill(house_, CASES["each row its own document"], rows)
    relay, profile, drain = (
        Relay(house_.database_url, connector(house_.amqp_url)),
        cProfile.Profile(),
        Drain(),
    )
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(drain.run(broker))
        profile.enable()
        relaying = tasks.create_task(relay.run())
        await drain.until(rows, within=WITHIN_S)
        profile.disable()
        relay.stop()
        await relaying
        draining.cancel()
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


async def main(house_: House, rows: int, profile: bool) -> None:
    """The table, or the profile."""
    broker = await connector(house_.amqp_url)("bench")
    await declare(broker, topology.installation())
    if profile:
        await profiled(house_, broker, rows)
    else:
        print(HEAD)
        for what in CASES:
            await measured(house_, broker, what, rows)
    await broker.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.relay_rate")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with house() as made:
        uvloop.run(main(made, chosen.rows, chosen.profile))
