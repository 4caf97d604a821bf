"""What arrived and was not taken yet."""

import asyncio

import pytest

from broker.amqp_inbox import AmqpInbox
from broker.errors import ChannelLost
from broker.port import Delivery


def delivery(tag: int) -> Delivery:
    return Delivery(tag, "", "q", b"", {}, "", "", False)


async def test_all_that_arrived_is_taken_at_once() -> None:
    inbox = AmqpInbox(10, lambda tag: None)
    for tag in (1, 2, 3):
        inbox.put(delivery(tag))
    assert [d.tag for d in await inbox.take()] == [1, 2, 3]


async def test_acks_go_no_further_than_what_was_taken_and_never_twice() -> None:
    written: list[int] = []
    inbox = AmqpInbox(10, written.append)
    inbox.ack(5)
    inbox.put(delivery(1))
    inbox.put(delivery(2))
    inbox.ack(2)
    await inbox.take()
    inbox.put(delivery(3))
    inbox.ack(9)
    inbox.ack(2)
    inbox.ack(1)
    assert written == [2]
    inbox.end("gone")
    inbox.ack(3)
    assert written == [2]


async def test_without_acks_it_is_full_at_the_prefetch() -> None:
    inbox = AmqpInbox(2, None)
    inbox.put(delivery(1))
    assert not inbox.full
    inbox.put(delivery(2))
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(inbox.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        await inbox.take()
        await waiting


async def test_its_end_wakes_everybody_and_gives_nothing_out() -> None:
    inbox = AmqpInbox(1, None)
    inbox.put(delivery(1))
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(inbox.room())
        await asyncio.sleep(0)
        inbox.end("gone")
        await waiting
    with pytest.raises(ChannelLost, match="gone"):
        await inbox.take()
