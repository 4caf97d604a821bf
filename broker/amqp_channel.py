"""A channel of RabbitMQ: batches out, batches in.

aiormq opens and closes it and carries the rare frames. The hot ones bypass it: what we send goes to
the connection's outbox as bytes, and ``_Tap`` takes deliveries and confirms out of the line of
frames before the library makes a task and a future of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from aiormq.abc import AbstractChannel, DeliveredMessage
from pamqp.body import ContentBody
from pamqp.commands import Basic, Channel as ChannelCommands
from pamqp.common import Arguments
from pamqp.header import ContentHeader

from broker import amqp_frames
from broker.amqp_confirms import Confirms
from broker.amqp_deliveries import Assembler
from broker.amqp_errors import named, reason
from broker.amqp_inbox import AmqpInbox
from broker.amqp_link import Link
from broker.errors import BrokerError, BrokerUnavailable, ChannelLost
from broker.port import Delivery, Offset, Outgoing

SLICE = 250
"""Messages written together, at most: a quarter of the window of unconfirmed ones."""
SLICE_BYTES = 1024 * 1024
NO_REPLICA = "replica on the local node"
"""What a node says that "does not have a (running)" copy of a log. Another node has one, and
that takes another connection."""


class AmqpChannel:
    """See ``port.Channel``. Made by ``AmqpChannel.opened``."""

    def __init__(self, link: Link, under: AbstractChannel) -> None:
        self._link = link
        self._under = under
        self._confirms = Confirms()
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._assembler = Assembler()
        self._inbox: AmqpInbox | None = None
        self._why_lost = ""
        under.frames = _Tap(under.frames, self)
        under.closing.add_done_callback(self._on_closing)
        link.dependents.add(self)

    @classmethod
    async def opened(cls, link: Link) -> AmqpChannel:
        """Open one in confirm mode. Call it as an errand of the link."""
        channel = cls(link, await link.amqp.channel(publisher_confirms=False))
        await channel._under.confirm_delivery()
        return channel

    @property
    def lost(self) -> bool:
        """See ``port.Channel.lost``."""
        return bool(self._why_lost)

    async def send(self, batch: Sequence[Outgoing]) -> int:
        """See ``port.Channel.send``."""
        self._check()
        number, frame_max = self._under.number, self._link.amqp.connection_tune.frame_max or 0
        frames = [amqp_frames.publish(number, message, frame_max) for message in batch]
        async with self._turn:
            at = 0
            while at < len(frames):
                await self._until_room()
                count, size = _slice(frames, at)
                self._link.outbox.write(b"".join(frames[at : at + count]))
                self._confirms.send(count, size)
                at += count
            return self._confirms.sent

    async def confirmed(self, upto: int) -> None:
        """See ``port.Channel.confirmed``."""
        if upto > self._confirms.sent:
            raise ValueError(f"message {upto} was not sent yet: {self._confirms.sent} were")
        if upto > self._confirms.confirmed:
            await self._until_confirmed(upto)

    async def consume(
        self, queue: str, *, prefetch: int, offset: Offset | None = None, no_ack: bool = False
    ) -> AmqpInbox:
        """See ``port.Channel.consume``."""
        self._check()
        if self._inbox is not None:
            raise ValueError("a channel carries at most one inbox")
        if offset is not None and no_ack:
            raise ValueError(f"{queue}: a log is read with acks")
        inbox = self._inbox = AmqpInbox(prefetch, None if no_ack else self._write_ack)
        arguments: Arguments = {} if offset is None else {"x-stream-offset": offset}

        async def ask() -> None:
            with named(queue):
                await self._under.basic_qos(prefetch_count=prefetch)
                await self._under.basic_consume(
                    queue, _untapped, no_ack=no_ack, arguments=arguments
                )

        try:
            await self._link.run(ask)
        except BrokerError as error:
            self.lose(str(error))
            if NO_REPLICA in str(error):
                self._link.lose(str(error))
            raise
        return inbox

    async def close(self) -> None:
        """See ``port.Channel.close``."""
        if self._why_lost:
            return
        self.lose("closed")

        async def end() -> None:
            try:
                async with asyncio.timeout(self._link.patience.seconds):  # In an alarm, too.
                    await self._link.outbox.flushed()
                    await self._under.close()
            except TimeoutError:
                # The broker may still deliver to it, and to nobody else.
                self._link.lose("a channel could not be closed in time")
                raise

        try:
            await self._link.run(end)
        except BrokerUnavailable:
            return  # the connection went: the broker takes everything back by itself

    def lose(self, why: str) -> None:
        """The channel ends, for whatever reason. Once lost, always lost."""
        if self._why_lost:
            return
        self._why_lost = why
        self._link.dependents.discard(self)
        if self._inbox is not None:
            self._inbox.end(why)
        for _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(ChannelLost(why))
        self._waiting.clear()

    def on_delivery(self, delivery: Delivery | None) -> AmqpInbox | None:
        """A message is complete. Return the inbox if it is full now."""
        if delivery is not None and self._inbox is not None and not self._why_lost:
            self._inbox.put(delivery)
            return self._inbox if self._inbox.full else None
        return None

    def on_confirm(self, frame: Basic.Ack | Basic.Nack) -> None:
        """The broker takes, or refuses, responsibility for what we sent."""
        if isinstance(frame, Basic.Nack):
            self.lose(f"the broker refused message {frame.delivery_tag}")
            self._link.spawn(self._close_refused())
            return
        self._confirms.confirm(frame.delivery_tag or 0, multiple=bool(frame.multiple))
        confirmed, still = self._confirms.confirmed, []
        for upto, waiter in self._waiting:
            if upto > confirmed:
                still.append((upto, waiter))
            elif not waiter.done():
                waiter.set_result(None)
        self._waiting = still

    @property
    def assembler(self) -> Assembler:
        """Where the frames of a delivery meet."""
        return self._assembler

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _until_room(self) -> None:
        self._check()
        while not self._confirms.has_room():
            await self._until_confirmed(self._confirms.oldest)

    async def _until_confirmed(self, upto: int) -> None:
        self._check()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((upto, waiter))
        try:
            async with self._link.patience.limit():
                await waiter
        except TimeoutError as error:
            raise BrokerUnavailable(f"message {upto} is not confirmed in time") from error
        finally:
            self._waiting = [one for one in self._waiting if one[1] is not waiter]

    async def _close_refused(self) -> None:
        await self._link.settle(self._under.close, asyncio.get_running_loop().create_future())

    def _write_ack(self, upto: int) -> None:
        self._link.outbox.write(amqp_frames.ack(self._under.number, upto))

    def _check(self) -> None:
        if self._why_lost:
            raise ChannelLost(self._why_lost)

    def _on_closing(self, closing: asyncio.Future[Any]) -> None:
        error = None if closing.cancelled() else closing.exception()
        self.lose("the channel closed" if error is None else reason(error))


class _Tap(asyncio.Queue[Any]):
    """A channel's line of frames, which takes the hot ones out as they are put in."""

    def __init__(self, rest: asyncio.Queue[Any], channel: AmqpChannel) -> None:
        super().__init__()
        self._rest = rest
        self._channel = channel

    async def put(self, item: Any) -> None:
        frame, channel = item[1], self._channel
        full = None
        match frame:
            case Basic.Deliver():
                channel.assembler.begin(frame)
            case ContentHeader():
                full = channel.on_delivery(channel.assembler.header(frame))
            case ContentBody():
                full = channel.on_delivery(channel.assembler.body(frame))
            case Basic.Ack() | Basic.Nack():
                channel.on_confirm(frame)
            case Basic.Cancel():
                channel.lose(f"the broker ended consumer {frame.consumer_tag}")
                await self._rest.put(item)
            case ChannelCommands.Close():
                channel.lose(frame.reply_text or "closed by the broker")
                await self._rest.put(item)
            case _:
                await self._rest.put(item)
        if full is not None:
            await full.room()

    async def get(self) -> Any:
        return await self._rest.get()

    def task_done(self) -> None:
        self._rest.task_done()


async def _untapped(message: DeliveredMessage) -> None:
    """Never called: the tap takes the deliveries."""


def _slice(frames: Sequence[bytes], at: int) -> tuple[int, int]:
    """How many messages from ``at`` on to write together, and their bytes."""
    size = 0
    for count, frame in enumerate(frames[at : at + SLICE]):
        if count and size + len(frame) > SLICE_BYTES:
            return count, size
        size += len(frame)
    return min(SLICE, len(frames) - at), size
