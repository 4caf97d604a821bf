"""Hands pages of events to the broker, confirmed, and no shard more than it can work off soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from broker.errors import BrokerUnavailable
from broker.port import Broker, Channel, Outgoing
from producers.postgres.envelope import Letter, Unsendable, envelope, together
from producers.postgres.pace import Pace
from producers.postgres.rows import Origin, Page
from schemas import events, limits, topology

FULL_SHARD: Final = 0.05
"""Seconds until a shard that is full is looked at again."""
AWAKE: Final = 1.0
"""While we wait for the broker, the database hears from us this often: a third of the silence
after which it ends the session."""
PATIENCE: Final = limits.REQUEST_MS / 1000
"""Seconds to wait for a confirm."""
DEAD_KEY: Final = "outbox"
"""Routing key on ``hub.dead``."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A page on its way.

    Attributes:
        last: Number of its last message on the channel.
        published: Events of it that are not counted yet; ``dead``: rows that made none.
    """

    last: int
    published: int
    dead: int


class Post:
    """One channel's way to the shards.

    Args:
        awake: Tells the database that we are alive.
        beat: Tells everybody else.
        count: Told of what was confirmed: events, and rows that made none.
    """

    def __init__(
        self,
        broker: Broker,
        channel: Channel,
        *,
        awake: Callable[[], Awaitable[None]],
        beat: Callable[[], Awaitable[None]],
        count: Callable[[int, int], None],
    ) -> None:
        self._broker = broker
        self._channel = channel
        self._awake = awake
        self._beat = beat
        self._count = count
        self._pace = Pace()

    async def send(self, page: Page, origin: Origin) -> Sent:
        """Hand over a page as its shards have room for it. ``settled`` waits for the confirms.

        Raises:
            BrokerError: Some rows may have arrived.
        """
        written = [envelope(row, origin) for row in page.rows]
        dead = [letter for letter in written if isinstance(letter, Unsendable)]
        letters = [letter for letter in written if isinstance(letter, Letter)]
        slots, at, counted = [letter.slot for letter in letters], 0, 0
        last = await self._channel.send([_dead(letter) for letter in dead])
        while at < len(letters):
            if letters[at].unsettles:
                await self._confirmed(last)
            fit = self._pace.fits(slots[at : at + together(letters[at:])])
            if fit:
                last = await self._channel.send(
                    [_outgoing(each) for each in letters[at : at + fit]]
                )
                self._pace.sent(slots[at : at + fit])
                at += fit
            elif not await self._look(slots[at]):
                await self._confirmed(last)
                self._count(at - counted, 0)
                counted = at
                await self._wait()
        return Sent(last, at - counted, len(dead))

    async def settled(self, sent: Sent) -> None:
        """Return when the broker has confirmed every row of the page, and all before it.

        Raises:
            BrokerError: It did not; some rows may have arrived.
        """
        await self._confirmed(sent.last)
        self._count(sent.published, sent.dead)

    async def _confirmed(self, last: int) -> None:
        """Wait for the confirms, without letting the database think us dead."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                async with asyncio.timeout(AWAKE):
                    return await self._channel.confirmed(last)
            except TimeoutError:
                await self._awake()
                if self._broker.held:  # An alarm: the outbox is the buffer.
                    deadline = time.monotonic() + PATIENCE
        raise BrokerUnavailable(f"no confirm within {PATIENCE} s")

    async def _look(self, slot: int) -> int:
        """See how far a shard's worker has come; how much it may be handed now."""
        while self._broker.held:  # It would not answer, and the database would not hear from us.
            await asyncio.sleep(AWAKE)
            await self._awake()
        depth = await self._broker.depth(topology.shard_queue(slot))
        self._pace.looked(slot, depth, now_ms=time.monotonic() * 1000)
        return self._pace.room(slot)

    async def _wait(self) -> None:
        """A little, for a full shard."""
        await asyncio.sleep(FULL_SHARD)
        await self._awake()
        await self._beat()


def _outgoing(letter: Letter) -> Outgoing:
    return Outgoing(
        topology.IN,
        letter.key,
        letter.body,
        content_type=events.JSON_TYPE,
        message_id=letter.id,
    )


def _dead(letter: Unsendable) -> Outgoing:
    return Outgoing(
        topology.DEAD,
        DEAD_KEY,
        letter.body,
        headers={"reason": letter.reason},
        content_type=events.JSON_TYPE,
        message_id=letter.id,
    )
