"""Publishing to a real RabbitMQ."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aio_pika
import pytest

from presently import PresentlyError, Publisher, SyncPublisher, Unavailable
from tests.support.eventually import eventually

pytestmark = pytest.mark.rabbit


@pytest.fixture
async def bus(amqp_url: str) -> AsyncIterator[aio_pika.abc.AbstractQueue]:
    """`hub.in`, and a queue that hears everything on it."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("hub.in", "topic", durable=True)
        queue = await channel.declare_queue(
            "heard", durable=True, arguments={"x-queue-type": "classic"}
        )
        await queue.bind(exchange, "#")
        yield queue


async def heard(
    queue: aio_pika.abc.AbstractQueue, count: int
) -> list[aio_pika.abc.AbstractIncomingMessage]:
    messages: list[aio_pika.abc.AbstractIncomingMessage] = []

    async def enough() -> bool:
        while message := await queue.get(no_ack=True, fail=False):
            messages.append(message)
        return len(messages) >= count

    await eventually(enough)
    return messages


async def test_an_event_arrives_as_the_hub_expects_it(amqp_url: str, bus: Any) -> None:
    async with Publisher(amqp_url, source="/shop") as publisher:
        id = await publisher.publish("article.42", "comment.added", {"text": "nice"}, actor="fry")
    [message] = await heard(bus, 1)
    assert message.routing_key == ":03.article.42"
    assert message.content_type == "application/cloudevents+json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.message_id == id
    event = json.loads(message.body)
    assert (event["id"], event["subject"], event["actor"]) == (id, "article.42", "fry")


async def test_the_longest_id_is_sent_in_any_script(amqp_url: str, bus: Any) -> None:
    async with Publisher(amqp_url, source="/shop") as publisher:
        await publisher.publish("article.42", "said", {}, id="日" * 128)
    (message,) = await heard(bus, 1)
    assert json.loads(message.body)["id"] == "日" * 128


async def test_each_of_several_documents_gets_its_own(amqp_url: str, bus: Any) -> None:
    async with Publisher(amqp_url, source="/shop") as publisher:
        await publisher.publish(["article.42", "user.leela"], "comment.added", id="c7")
    messages = await heard(bus, 2)
    assert {message.routing_key for message in messages} == {":03.article.42", ":02.user.leela"}
    assert {message.message_id for message in messages} == {"c7"}


async def test_threads_share_a_publisher(amqp_url: str, bus: Any) -> None:
    def work() -> set[str]:
        with (
            SyncPublisher(amqp_url, source="/shop") as publisher,
            ThreadPoolExecutor(8) as threads,
        ):
            return set(threads.map(lambda _: publisher.publish("article.42", "a.b"), range(50)))

    ids = await asyncio.to_thread(work)
    assert {message.message_id for message in await heard(bus, 50)} == ids


async def test_a_fork_opens_a_connection_of_its_own(amqp_url: str, bus: Any) -> None:
    def work() -> int:
        with SyncPublisher(amqp_url, source="/shop") as publisher:
            publisher.publish("article.42", "before.fork")
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    publisher.publish("article.42", "in.child")
                    status = 0
                finally:
                    os._exit(status)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            publisher.publish("article.42", "after.fork")
            return status

    assert await asyncio.to_thread(work) == 0
    types = [json.loads(message.body)["type"] for message in await heard(bus, 3)]
    assert types == ["before.fork", "in.child", "after.fork"]


async def test_a_lost_connection_is_made_again(amqp_url: str, bus: Any, rabbit: Any) -> None:
    async with Publisher(amqp_url, source="/shop") as publisher:
        await publisher.publish("article.42", "a.first")
        assert publisher._line._connection is not None  # type: ignore[union-attr]
        await publisher._line._connection.close()  # type: ignore[union-attr]
        await publisher.publish("article.42", "a.second")
    types = [json.loads(message.body)["type"] for message in await heard(bus, 2)]
    assert types == ["a.first", "a.second"]


async def test_without_topology_it_is_unavailable_and_works_once_it_is_there(
    amqp_url: str,
) -> None:
    async with Publisher(amqp_url, source="/shop") as publisher:
        with pytest.raises(Unavailable, match=r"hub\.in"):
            await publisher.publish("article.42", "a.b", id="c7")
        async with await aio_pika.connect(amqp_url) as connection:
            await (await connection.channel()).declare_exchange("hub.in", "topic", durable=True)
        assert await publisher.publish("article.42", "a.b", id="c7") == "c7"


async def test_a_wrong_password_is_not_worth_a_retry(amqp_url: str) -> None:
    wrong = amqp_url.replace("amqp://", "amqp://nobody:wrong@", 1)
    if "@" in amqp_url:
        wrong = "amqp://nobody:wrong@" + amqp_url.partition("@")[2]
    async with Publisher(wrong, source="/shop") as publisher:
        with pytest.raises(PresentlyError, match="refuses") as caught:
            await publisher.publish("article.42", "a.b")
    assert not isinstance(caught.value, Unavailable)


async def test_a_broker_that_says_nothing_is_unavailable_within_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://127.0.0.1:{silent.getsockname()[1]}/"
        async with Publisher(url, source="/shop", timeout=0.2) as publisher:
            with pytest.raises(Unavailable, match=r"within 0\.2 s"):
                await publisher.publish("article.42", "a.b")

        def work() -> None:
            with SyncPublisher(url, source="/shop", timeout=0.2) as publisher:
                publisher.publish("article.42", "a.b")

        with pytest.raises(Unavailable):
            await asyncio.to_thread(work)


async def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"amqp://127.0.0.1:{nobody.getsockname()[1]}/"
        async with Publisher(url, source="/shop") as publisher:
            with pytest.raises(Unavailable):
                await publisher.publish("article.42", "a.b")
