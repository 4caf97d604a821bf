"""Messages per second through ``broker``: send with confirm, consume with ack.

    python -m bench.broker_rates amqp://guest:guest@127.0.0.1/ [messages]
    python -m bench.broker_rates memory [messages]

One process, one connection, 200-byte bodies, batches of 100. CPU is this process's own.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from broker.amqp import connector
from broker.memory import Bus
from broker.port import Broker, Offset, Outgoing, QueueSpec

BATCH, BODY, PREFETCH = 100, bytes(200), 256


@contextmanager
def measured(what: str, count: int) -> Iterator[None]:
    """Print rate and CPU of the block, which handles ``count`` messages."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{what:26} {count / seconds:9,.0f}/s {cpu / count * 1e6:7.1f} µs CPU each")


async def rates(broker: Broker, kind: str, count: int) -> None:
    """Fill a queue of one kind and empty it."""
    name = f"bench.{kind}.{secrets.token_hex(4)}"
    await broker.declare([QueueSpec(name, {"x-queue-type": kind})])
    messages = [Outgoing("", name, BODY, message_id=str(n)) for n in range(count)]
    async with await broker.open() as channel:
        with measured(f"{kind}: send, confirm", count):
            for at in range(0, count, BATCH):
                last = await channel.send(messages[at : at + BATCH])
            await channel.confirmed(last)
        with measured(f"{kind}: one by one", count // 20):
            for message in messages[: count // 20]:
                await channel.confirmed(await channel.send([message]))
    async with await broker.open() as channel:
        offset: Offset | None = "first" if kind == "stream" else None
        inbox = await channel.consume(name, prefetch=PREFETCH, offset=offset)
        with measured(f"{kind}: consume, ack", count):
            got = 0
            while got < count:
                deliveries = await inbox.take()
                got += len(deliveries)
                inbox.ack(deliveries[-1].tag)
    await broker.delete(name)


async def main(where: str, count: int) -> None:
    """Measure the three kinds of queue."""
    broker = await (Bus().connect if where == "memory" else connector(where))("bench")
    for kind in ("classic", "quorum", "stream"):
        await rates(broker, kind, count)
    await broker.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20_000))
