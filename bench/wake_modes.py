"""What each ``PRESENTLY_RELAY_WAKE`` gains when nothing happens, and costs when much does.

    python -m bench.wake_modes [samples [seconds]]

On a private, durable PostgreSQL and the broker in memory, so that only the database and the relay
are measured. For each mode: the time from a commit to its event at the shard, ``samples`` (40)
commits that each come when the relay is asleep; then how many transactions 16 writers commit in
``seconds`` (5), and which part of them notified. (For the first part the relay falls asleep after
0.1 s without work instead of 5 s, so that it takes a minute and not ten.)
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from broker.declare import declare
from broker.memory import Bus
from broker.port import Inbox
from presently_server.local_postgres import local_postgres
from producers.postgres import relay as relay_module
from producers.postgres.migrate import migrate
from producers.postgres.relay import Relay
from producers.postgres.wake import CHANNEL, MODES, Mode
from schemas import topology
from schemas.ids import DocumentId, slot_of

DOCUMENT, WRITERS, SOON = DocumentId("bench.1"), 16, 0.1
WRITE = f"SELECT presently.publish('{DOCUMENT}', 'written')"


@asynccontextmanager
async def relaying(database: str, mode: Mode) -> AsyncIterator[tuple[Relay, Inbox]]:
    """A relay at work, and what arrives at the document's shard."""
    bus = Bus()
    hub = await bus.connect("bench hub")
    await declare(hub, topology.installation())
    async with await hub.open() as channel, asyncio.TaskGroup() as tasks:
        inbox = await channel.consume(topology.shard_queue(slot_of(DOCUMENT)), prefetch=256)
        relay = Relay(database, bus.connect, wake=mode)
        working = tasks.create_task(relay.run())
        for _ in range(400):
            if relay.status.state == "relaying" and relay.wake.state != "deaf":
                break
            await asyncio.sleep(0.05)
        yield relay, inbox
        relay.stop()
        await working


async def latencies(database: str, mode: Mode, samples: int) -> list[float]:
    """Milliseconds from a commit that finds the relay asleep to its event's arrival."""
    found = []
    writer = await asyncpg.connect(database)
    await writer.execute("TRUNCATE presently.outbox")
    async with relaying(database, mode) as (_, inbox):
        for _ in range(samples):
            await asyncio.sleep(1.0 + random.random() / 4)
            await writer.execute(WRITE)
            committed = time.perf_counter()
            inbox.ack((await inbox.take())[-1].tag)
            found.append((time.perf_counter() - committed) * 1000)
    await writer.close()
    return found


async def commits(database: str, mode: Mode, seconds: float) -> tuple[float, int]:
    """Transactions a second of many writers, and how many notifications they made."""
    ending = asyncio.Event()
    notified = 0

    def heard(*said: object) -> None:
        nonlocal notified
        notified += said[-1] == ""

    async def write() -> int:
        number = 0
        connection = await asyncpg.connect(database)
        while not ending.is_set():
            await connection.execute(WRITE)
            number += 1
        await connection.close()
        return number

    async def drain(inbox: Inbox) -> None:
        while True:
            inbox.ack((await inbox.take())[-1].tag)

    ear = await asyncpg.connect(database)
    await ear.add_listener(CHANNEL, heard)
    async with relaying(database, mode) as (_, inbox), asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(drain(inbox))
        writers = [tasks.create_task(write()) for _ in range(WRITERS)]
        await asyncio.sleep(seconds)
        ending.set()
        await asyncio.wait(writers)
        draining.cancel()
    await ear.close()
    return sum(writer.result() for writer in writers) / seconds, notified


async def main(database: str, samples: int, seconds: float) -> None:
    connection = await asyncpg.connect(database)
    await migrate(connection)
    await connection.close()
    print("| wake | asleep: p50 | worst | 16 writers | notified |\n|---|---|---|---|---|")
    for mode in MODES:
        patient = relay_module.BUSY_FOR
        relay_module.BUSY_FOR = SOON  # type: ignore[misc]  # see above
        late = await latencies(database, mode, samples)  # type: ignore[arg-type]  # one of them
        relay_module.BUSY_FOR = patient  # type: ignore[misc]
        rate, notified = await commits(database, mode, seconds)  # type: ignore[arg-type]
        print(
            f"| `{mode}` | {statistics.median(late):.1f} ms | {max(late):.1f} ms"
            f" | {rate:,.0f} commits/s | {notified:,} |"
        )


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]] + [40, 5][len(sys.argv) - 1 :]
    with (
        tempfile.TemporaryDirectory(prefix="presently-bench-") as folder,
        local_postgres(Path(folder) / "data") as server,
    ):
        Path(folder).chmod(0o711)
        asyncio.run(main(server.dsn(), int(given[0]), given[1]))
