"""RabbitMQ: the exchange ``hub.in``, with confirms. Needs ``pip install presently[amqp]``.

One plain connection, made again by the next ``send`` when it is gone. Nothing is resent behind the
caller's back; a repeat under the same id is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from presently.documents import routing_key
from presently.errors import PresentlyError, Unavailable
from presently.events import CONTENT_TYPE, Message

try:
    import aio_pika
    from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
    from aio_pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError
except ImportError:
    raise PresentlyError("amqp:// needs aio-pika: pip install 'presently[amqp]'") from None

EXCHANGE: Final = "hub.in"
_AWAY: Final = (AMQPError, OSError, RuntimeError, TimeoutError, asyncio.InvalidStateError)


class AmqpLine:
    """Publishes events. Belongs to the event loop that first sends with it."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._connecting = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None

    async def send(self, messages: Sequence[Message]) -> None:
        """Return once the broker has taken responsibility for all of them.

        Raises:
            Unavailable: No connection, or no confirm in time.
            PresentlyError: The broker refuses user and password.
        """
        try:
            # An outer deadline: the client's own does not cover the wait for a connection, nor
            # a broker that has stopped reading because of an alarm.
            async with asyncio.timeout(self._timeout):
                exchange = await self._ready()
                await asyncio.gather(*(self._publish(exchange, each) for each in messages))
        except (AuthenticationError, ProbableAuthenticationError):
            raise PresentlyError("the broker refuses this user, password or vhost") from None
        except _AWAY as error:
            why = str(error) or f"nothing within {self._timeout:g} s"
            raise Unavailable(f"the broker is not available: {why}", messages[0].id) from None

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        self._channel = self._exchange = None
        if connection is not None:
            await connection.close()

    async def _publish(self, exchange: AbstractExchange, message: Message) -> None:
        await exchange.publish(
            aio_pika.Message(
                message.body,
                content_type=CONTENT_TYPE,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                # AMQP takes 255 bytes there, an id has 128 characters. The event has it anyway.
                message_id=message.id if message.id.isascii() else None,
            ),
            routing_key=routing_key(message.document),
            mandatory=False,
        )

    async def _ready(self) -> AbstractExchange:
        async with self._connecting:
            if self._connection is None or self._connection.is_closed:
                self._channel = self._exchange = None
                self._connection = await aio_pika.connect(self._url)
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                self._channel = await self._connection.channel(publisher_confirms=True)
                self._exchange = await self._channel.get_exchange(EXCHANGE, ensure=False)
            return self._exchange
