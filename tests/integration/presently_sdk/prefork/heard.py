"""A queue that hears everything that producers say, for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aio_pika

HEARD = "heard"


@contextmanager
def hear(amqp_url: str) -> Iterator[Callable[[], list[str]]]:
    """Make ``hub.in`` and bind a queue; gives what returns the ids that came since."""
    asyncio.run(_declare(amqp_url))
    yield lambda: asyncio.run(_read(amqp_url))


async def _declare(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("hub.in", "topic", durable=True)
        queue = await channel.declare_queue(
            HEARD, durable=True, arguments={"x-queue-type": "classic"}
        )
        await queue.bind(exchange, "#")


async def _read(url: str) -> list[str]:
    """All that was confirmed is in the queue by then."""
    ids: list[str] = []
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(HEARD)
        while message := await queue.get(no_ack=True, fail=False):
            ids.append(message.message_id or "")
    return ids
