"""Messages of one queue, as they came from the socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from broker.errors import ChannelLost
from broker.port import Delivery


class AmqpInbox:
    """See ``port.Inbox``. Made by ``AmqpChannel.consume``.

    Args:
        prefetch: Without acks nothing else bounds what waits here, so from this many on the whole
            connection is not read until they are taken, and the broker's queue keeps the rest.
        write_ack: Acknowledges everything up to a tag; ``None`` without acks.
    """

    def __init__(self, prefetch: int, write_ack: Callable[[int], None] | None) -> None:
        self._prefetch = prefetch
        self._write_ack = write_ack
        self._arrived: list[Delivery] = []
        self._taken = 0
        self._acked = 0
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._why_lost = ""

    async def take(self) -> list[Delivery]:
        """See ``port.Inbox.take``."""
        while not self._why_lost:
            if self._arrived:
                taken, self._arrived = self._arrived, []
                self._taken = taken[-1].tag
                self._wake.clear()
                self._room.set()
                return taken
            await self._wake.wait()
        raise ChannelLost(self._why_lost)

    def ack(self, upto: int) -> None:
        """See ``port.Inbox.ack``."""
        upto = min(upto, self._taken)
        if upto > self._acked and self._write_ack is not None and not self._why_lost:
            self._acked = upto
            self._write_ack(upto)

    def put(self, delivery: Delivery) -> None:
        """One more came."""
        self._arrived.append(delivery)
        self._wake.set()

    @property
    def full(self) -> bool:
        """Whether to read no further."""
        return (
            self._write_ack is None and len(self._arrived) >= self._prefetch and not self._why_lost
        )

    async def room(self) -> None:
        """Return once it is not full any more."""
        while self.full:
            self._room.clear()
            await self._room.wait()

    def end(self, why: str) -> None:
        """The channel is gone."""
        self._why_lost = why
        self._arrived.clear()
        self._wake.set()
        self._room.set()
