"""What RabbitMQ does that an obvious design would not survive: why ours is another.

On plain aio-pika, since our port offers none of it: no cancel, no nack, one prefetch for all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from pamqp.common import FieldTable

from tests.support.brokers import Node, fill as put, queue, taken
from tests.support.eventually import eventually

pytestmark = pytest.mark.rabbit

QUORUM: FieldTable = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,
    "x-delivery-limit": 1_000_000,
}


class Consumer:
    """One consumer with a connection of its own, and what it was handed, ``r`` for redelivered."""

    def __init__(self, channel: AbstractChannel, queue: AbstractQueue) -> None:
        self.channel = channel
        self.queue = queue
        self.got: list[str] = []
        self.messages: list[AbstractIncomingMessage] = []
        self.tag = ""

    async def start(self) -> None:
        self.tag = await self.queue.consume(self._take)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self.got.append(f"{message.body.decode()}{'r' if message.redelivered else ''}")
        self.messages.append(message)


@asynccontextmanager
async def consumer(url: str, prefetch: int) -> AsyncIterator[Consumer]:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=prefetch)
        yield Consumer(channel, await channel.declare_queue("q", durable=True, arguments=QUORUM))


async def fill(it: Consumer, count: int) -> None:
    for number in range(1, count + 1):
        await it.channel.default_exchange.publish(aio_pika.Message(b"%d" % number), "q")


def span(first: int, last: int, mark: str = "") -> list[str]:
    return [f"{number}{mark}" for number in range(first, last + 1)]


async def test_who_cancels_is_followed_at_once_though_it_holds_messages(amqp_url: str) -> None:
    """So handing over is closing the channel: then nobody begins before all is given back."""
    async with consumer(amqp_url, 10) as old, consumer(amqp_url, 10) as new:
        await old.start()
        await new.start()
        await fill(old, 20)
        await eventually(lambda: old.got == span(1, 10))
        await old.queue.cancel(old.tag)
        await eventually(lambda: new.got == span(11, 20))


async def test_what_is_nacked_comes_back_behind_what_followed_it(amqp_url: str) -> None:
    """So there is no nack: what cannot be decided on is a dead letter, and acknowledged."""
    async with consumer(amqp_url, 4) as it:
        await it.start()
        await fill(it, 4)
        await eventually(lambda: it.got == span(1, 4))
        await it.messages[0].nack(requeue=True)
        await eventually(lambda: it.got == [*span(1, 4), "1r"])


async def test_two_crashes_and_a_smaller_prefetch_turn_the_order_round(amqp_url: str) -> None:
    """So the prefetch is one constant of the contract, in every version."""
    async with consumer(amqp_url, 20) as first:
        await first.start()
        await fill(first, 30)
        await eventually(lambda: first.got == span(1, 20))
        async with consumer(amqp_url, 8) as second, consumer(amqp_url, 30) as third:
            await second.start()
            await third.start()
            await first.channel.close()
            await eventually(lambda: second.got == span(1, 8, "r"))
            await second.channel.close()
            await eventually(lambda: len(third.got) == 30)
    assert third.got == [*span(9, 20, "r"), *span(1, 8, "r"), *span(21, 30)]


async def test_many_crashes_of_owners_bury_nothing(node: Node) -> None:
    """RabbitMQ 4 would bury what came back 20 times; the limit we ask for is never met."""
    broker = await node.connect("it")
    alone: dict[str, str | int | bool] = {"single_active_consumer": True}
    await broker.declare([queue("quorum", "q", **alone, delivery_limit=1_000_000)])
    async with await broker.open() as channel:
        await put(channel, "q", ["1", "2", "3"])
    for _ in range(25):
        async with await broker.open() as channel:
            got = await taken(await channel.consume("q", prefetch=10), 3)
    assert [delivery.body for delivery in got] == [b"1", b"2", b"3"]
