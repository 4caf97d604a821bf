"""From a COMMIT to the frame in a browser: relay, RabbitMQ, hub and gateway as separate processes.

    python -m bench.commit_to_browser [--seconds 15] [--documents 20] [--browsers 2]
                                      [--relay NAME=VALUE …]

A writer changes one row in a transaction of its own; the row's version goes with the event. Each
document has ``--browsers`` sockets that joined it, all of them in this process, as is the writer.
Two times are counted for each frame: from the moment COMMIT was sent, which includes the commit
itself, and from the moment it was answered. PostgreSQL is durable: a commit waits for the disk.

The cases are a trickle after silence (a change every 7 s: the relay has gone to sleep by then), a
change a second, and a load. ``--relay`` sets a setting of the relay, e.g. how it is woken.

Budget (DESIGN §10): p50 at most 30 ms. Supabase's Realtime was measured at 46 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench.house import House, ended, house, spread
from tests.support.stack import Stack, token

TABLE = """
CREATE TABLE article (id int PRIMARY KEY, version int NOT NULL DEFAULT 0, title text);
INSERT INTO article (id, title) SELECT n, 'title ' || n FROM generate_series(1, $1) AS n;
"""
CAPTURE = "SELECT presently.capture('public.article', 'article.{id}', columns => '{version,title}')"
STEP = "UPDATE article SET version = $2::int, title = 'title ' || $2::int WHERE id = $1"
CASES = {"every 7 s": 1 / 7, "1 a second": 1.0, "100 a second": 100.0, "500 a second": 500.0}
LEAST = 15
"""Changes of a case, however slow it is."""
WRITERS = 4
ARRIVES_S = 30.0
HEAD = (
    "case | changes | frames | from COMMIT sent, ms: p50 | p99 | worst | "
    "from COMMIT answered, ms: p50 | p99 | worst"
)
DECODER = msgspec.json.Decoder()


class Watch:
    """When each change was committed, and each frame came."""

    def __init__(self) -> None:
        self.sent: dict[tuple[int, int], float] = {}
        self.answered: dict[tuple[int, int], float] = {}
        self.frames: list[tuple[tuple[int, int], float]] = []
        self.news = asyncio.Event()

    def hear(self, text: str | bytes) -> None:
        """A frame."""
        now, frame = time.perf_counter(), DECODER.decode(text)
        if frame["type"] == "event":
            data = frame["event"]["data"]
            self.frames.append(((data["key"]["id"], data["after"]["version"]), now))
            self.news.set()

    async def until(self, count: int) -> None:
        """Return once so many frames came."""
        async with asyncio.timeout(ARRIVES_S):
            while len(self.frames) < count:
                self.news.clear()
                await self.news.wait()

    def times(self) -> tuple[list[float], list[float]]:
        """Since COMMIT was sent, and answered (a frame may be there before the answer)."""
        return (
            [at - self.sent[which] for which, at in self.frames],
            [at - self.answered[which] for which, at in self.frames],
        )


async def read(socket: ClientConnection, watch: Watch, joined: asyncio.Event) -> None:
    """Until the socket ends."""
    async for text in socket:
        if not joined.is_set() and '"joined"' in str(text):
            joined.set()
        elif '"ping"' in str(text)[:20]:
            await socket.send('{"type":"pong"}')
        else:
            watch.hear(text)


@asynccontextmanager
async def browsers(
    stack: Stack, documents: Sequence[int], each: int, watch: Watch
) -> AsyncIterator[None]:
    """So many sockets at every document."""
    urls = itertools.cycle(gateway.url for gateway in stack.gateways)
    async with AsyncExitStack() as sockets, asyncio.TaskGroup() as tasks:
        reading = []
        for number, document in enumerate([*documents] * each):
            socket = await sockets.enter_async_context(connect(next(urls), compression=None))
            hello = {"type": "hello", "id": "0", "token": token(f"user{number}")}
            join = {"type": "join", "id": "1", "document": f"article.{document}", "mode": "reading"}
            joined = asyncio.Event()
            for frame in (hello, join):
                await socket.send(msgspec.json.encode(frame).decode())
            reading.append(tasks.create_task(read(socket, watch, joined)))
            async with asyncio.timeout(ARRIVES_S):
                await joined.wait()
        yield
        for task in reading:
            task.cancel()


async def write(
    pool: asyncpg.Pool, watch: Watch, versions: dict[int, int], per_second: float, until: float
) -> None:
    """Change rows at a rate; another writer's row is waited for."""
    due, dice = time.perf_counter(), random.Random(per_second)
    while (due := due + dice.uniform(0.5, 1.5) / per_second) < until:
        await asyncio.sleep(due - time.perf_counter())
        id = dice.choice(list(versions))
        versions[id] += 1
        which = (id, versions[id])
        async with pool.acquire() as db:
            await db.execute("BEGIN")
            await db.execute(STEP, *which)
            watch.sent[which] = time.perf_counter()
            await db.execute("COMMIT")
            watch.answered[which] = time.perf_counter()


async def measured(
    stack: Stack, pool: asyncpg.Pool, what: str, seconds: float, documents: int, each: int
) -> None:
    """One line of the table."""
    watch, rate = Watch(), CASES[what]
    writers = WRITERS if rate > WRITERS else 1
    rows = [list(range(n + 1, documents + 1, writers)) for n in range(writers)]
    async with browsers(stack, range(1, documents + 1), each, watch):
        before = await pool.fetch("SELECT id, version FROM article")
        at = {row["id"]: row["version"] for row in before}
        until = time.perf_counter() + max(seconds, LEAST / rate)
        async with asyncio.TaskGroup() as writing:
            for own in rows:
                versions = {id: at[id] for id in own}
                writing.create_task(write(pool, watch, versions, rate / writers, until))
        await watch.until(len(watch.sent) * each)
    sent, answered = watch.times()
    count = f"{len(watch.sent):,} | {len(sent):,}"
    print(f"{what} | {count} | {spread(sent)} | {spread(answered)}", flush=True)


async def main(
    made: House, seconds: float, documents: int, each: int, settings: dict[str, str]
) -> None:
    """The table."""
    stack = made.stack()
    pool = await asyncpg.create_pool(made.database_url, min_size=WRITERS, max_size=WRITERS)
    try:
        for statement in TABLE.replace("$1", str(documents)).split(";")[:-1]:
            await pool.execute(statement)
        await pool.execute(CAPTURE)
        await stack.add_hub()
        await stack.add_gateway()
        await stack.add_relay(settings)
        print(HEAD)
        for what in CASES:
            await measured(stack, pool, what, seconds, documents, each)
    finally:
        await ended(stack)
        await pool.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.commit_to_browser")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--browsers", type=int, default=2)
    parser.add_argument("--relay", action="append", default=[], metavar="NAME=VALUE")
    chosen = parser.parse_args()
    with house() as house_:
        given = dict(each.split("=", 1) for each in chosen.relay)
        uvloop.run(main(house_, chosen.seconds, chosen.documents, chosen.browsers, given))
