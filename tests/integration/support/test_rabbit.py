"""The private RabbitMQ: isolated vhosts, and a restart that keeps what was confirmed."""

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from pamqp.common import FieldTable

from tests.support.rabbit import Rabbit

pytestmark = pytest.mark.rabbit

QUORUM: FieldTable = {"x-queue-type": "quorum"}
STREAM: FieldTable = {"x-queue-type": "stream"}


async def publish_confirmed(channel: AbstractChannel, queue: str, body: bytes) -> None:
    await channel.declare_queue(queue, durable=True, arguments=QUORUM)
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, routing_key=queue)


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_begins_empty(amqp_url: str, turn: int) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection, await connection.channel() as channel:
        queue = await channel.declare_queue("hub.intake", durable=True, arguments=QUORUM)
        assert queue.declaration_result.message_count == 0
        await publish_confirmed(channel, "hub.intake", b"mine")
        await channel.declare_queue("hub.log.00", durable=True, arguments=STREAM)


@pytest.mark.parametrize("hard", [False, True])
async def test_what_was_confirmed_survives_a_restart(
    restartable_rabbit: Rabbit, restartable_amqp_url: str, hard: bool
) -> None:
    connection = await aio_pika.connect(restartable_amqp_url)
    async with connection, await connection.channel() as channel:
        await publish_confirmed(channel, "kept", b"kept")
        restartable_rabbit.restart(hard=hard)
    connection = await aio_pika.connect(restartable_amqp_url)
    async with connection, await connection.channel() as channel:
        queue = await channel.declare_queue("kept", durable=True, arguments=QUORUM)
        message = await queue.get(timeout=10)
        assert message is not None
        assert message.body == b"kept"
        await message.ack()


def test_the_erlang_inside_answers(restartable_rabbit: Rabbit) -> None:
    assert restartable_rabbit.eval("1 + 1") == "2"
