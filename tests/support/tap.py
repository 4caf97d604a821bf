"""A backend that listens on the bus with a queue of its own, through a bare AMQP client."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import aio_pika


@dataclass(frozen=True)
class Heard:
    """One message."""

    key: str
    body: bytes
    headers: dict[str, object]


@contextlib.asynccontextmanager
async def listening(amqp_url: str, *bindings: tuple[str, str]) -> AsyncIterator[list[Heard]]:
    """All that ``(exchange, key)`` bindings bring, in order of arrival, growing."""
    heard: list[Heard] = []
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, arguments={"x-queue-type": "classic"})
        for exchange, key in bindings:
            await queue.bind(exchange, key)

        async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            heard.append(Heard(message.routing_key or "", message.body, dict(message.headers)))

        await queue.consume(take, no_ack=True)
        yield heard


EVERYTHING: Sequence[tuple[str, str]] = (
    ("hub.in", "#"),
    ("hub.clients", "#"),
    ("hub.events", "#"),
    ("hub.control", ""),
    ("hub.dead", "#"),
)
"""Every exchange of an installation (documents' own exchanges feed ``hub.events``)."""
