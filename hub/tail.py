"""The end of a shard's log as its owner reads it: what is read back here may be published."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from broker.errors import BrokerUnavailable
from broker.port import Broker, Channel, Delivery, Inbox
from schemas.errors import MalformedMessage
from schemas.log import Claim, read_record

T = TypeVar("T")

READ_BACK_SECONDS: Final = 10.0
"""How long a log may stay silent while a record of ours is due. RabbitMQ 3.10 has confirmed appends
and lost them when it had just restarted; then the shard is given up, and what was not acknowledged
is delivered again. In an alarm time stands still, and begins anew when it is over."""
LOOKS: Final = 20
"""How often in that time we look whether there is an alarm."""


class Superseded(Exception):
    """Another worker claimed the shard. Stop at once: what we write counts no more.

    Attributes:
        worker: Who.
    """

    def __init__(self, worker: str) -> None:
        super().__init__(f"claimed by {worker}")
        self.worker = worker


def record_name(nonce: str, number: int) -> str:
    """The message id of an owner's record, by which it knows it again without reading it."""
    return f"{nonce}.{number}"


class Tail:
    """Reads behind the writer, on a channel of its own, for as long as the shard is owned.

    Args:
        nonce: Of our claim. Our records are numbered from 1 in their message ids.
    """

    def __init__(self, broker: Broker, channel: Channel, inbox: Inbox, nonce: str) -> None:
        self._broker = broker
        self._channel = channel
        self._inbox = inbox
        self._prefix = f"{nonce}."
        self._read = 0
        self._news = asyncio.Event()

    async def follow(self) -> None:
        """Read on, for ever.

        Raises:
            Superseded: Another claim came after ours.
            BrokerUnavailable: The shard is lost.
        """
        while True:
            taken = await self._inbox.take()
            for delivery in taken:
                self.look_at(delivery)
            self._inbox.ack(taken[-1].tag)

    def look_at(self, delivery: Delivery) -> None:
        """One record after our claim.

        Raises:
            Superseded: It is another claim.
            BrokerUnavailable: One of ours before it is missing: confirmed, and lost.
        """
        if delivery.message_id.startswith(self._prefix):
            number = int(delivery.message_id[len(self._prefix) :])
            if number > self._read + 1:
                raise BrokerUnavailable(f"record {self._read + 1} is not in the log")
            self._read = max(self._read, number)
            self._news.set()
            return
        try:
            record = read_record(delivery.body)
        except MalformedMessage:
            return
        if isinstance(record, Claim):
            raise Superseded(record.worker)

    async def read_back(self, number: int) -> None:
        """Return once our record of this number is in the log.

        Raises:
            BrokerUnavailable: It did not come within ``READ_BACK_SECONDS``.
        """
        while self._read < number:
            self._news.clear()
            await _soon(self._broker, self._news.wait, f"record {number} was not read back")

    async def close(self) -> None:
        """Stop reading."""
        await self._channel.close()


async def take_soon(broker: Broker, inbox: Inbox) -> list[Delivery]:
    """What a log has next, where there must be something.

    Raises:
        BrokerUnavailable: Nothing came within ``READ_BACK_SECONDS``.
    """
    return await _soon(broker, inbox.take, "our claim was not read back")


async def _soon(broker: Broker, wait: Callable[[], Awaitable[T]], why: str) -> T:
    left = LOOKS
    while True:
        try:
            async with asyncio.timeout(READ_BACK_SECONDS / LOOKS):
                return await wait()
        except TimeoutError:
            left = LOOKS if broker.held else left - 1
            if left <= 0:
                raise BrokerUnavailable(why) from None
