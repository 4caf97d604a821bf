"""A channel and its inbox on the in-memory broker."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from broker.errors import ChannelLost, NoSuchQueue
from broker.limits import check_short
from broker.memory_log import Log
from broker.memory_queue import Held, Queue
from broker.memory_store import Store
from broker.port import Delivery, Offset, Outgoing


class MemoryInbox:
    """Messages of one queue. Made by ``MemoryChannel.consume``."""

    def __init__(
        self, queue: Queue | Log, prefetch: int, no_ack: bool, lose: Callable[[str], None]
    ) -> None:
        self._queue = queue
        self._prefetch = prefetch
        self._no_ack = no_ack
        self._lose = lose
        self._is_log = isinstance(queue, Log)
        self._tag = 0
        self._taken = 0
        self._arrived: list[Delivery] = []
        self._unacked: deque[tuple[int, Held]] = deque()
        self._wake = asyncio.Event()
        self._why_lost = ""

    async def take(self) -> list[Delivery]:
        """See ``port.Inbox.take``."""
        while not self._why_lost:
            if self._arrived:
                taken, self._arrived = self._arrived, []
                self._taken = taken[-1].tag
                self._wake.clear()
                return taken
            await self._wake.wait()
        raise ChannelLost(self._why_lost)

    def ack(self, upto: int) -> None:
        """See ``port.Inbox.ack``."""
        upto = min(upto, self._taken)
        acked = False
        while self._unacked and self._unacked[0][0] <= upto:
            self._unacked.popleft()
            acked = True
        if acked and not self._why_lost:
            self._queue.pump()

    def free(self) -> bool:
        """See ``memory_queue.Reader``."""
        return self._no_ack or len(self._unacked) < self._prefetch

    def give(self, held: Held) -> None:
        """See ``memory_queue.Reader``."""
        self._tag += 1
        message = held.message
        self._arrived.append(
            Delivery(
                tag=self._tag,
                exchange=message.exchange,
                key=message.key,
                body=message.body,
                headers=message.headers,
                content_type=message.content_type,
                message_id=message.message_id,
                redelivered=held.returns > 0,
                offset=held.place if self._is_log else None,
            )
        )
        if not self._no_ack:
            self._unacked.append((self._tag, held))
        self._wake.set()

    def dismiss(self, why: str) -> None:
        """See ``memory_queue.Reader``."""
        self._lose(why)

    def end(self, why: str) -> None:
        """The channel is gone: give back what is held, wake who waits."""
        self._why_lost = why
        self._arrived.clear()
        self._wake.set()
        held = [held for _, held in self._unacked]
        self._unacked.clear()
        self._queue.detach(self, held)


class MemoryChannel:
    """One ordered line to the broker in this process."""

    def __init__(self, store: Store, forget: Callable[[MemoryChannel], None]) -> None:
        self._store = store
        self._forget = forget
        self._sent = 0
        self._stored = 0
        self._inbox: MemoryInbox | None = None
        self._queue = ""
        self._why_lost = ""

    @property
    def lost(self) -> bool:
        """See ``port.Channel.lost``."""
        return bool(self._why_lost)

    async def send(self, batch: Sequence[Outgoing]) -> int:
        """See ``port.Channel.send``. Gives way once, so that nobody starves the loop."""
        self._check()
        for message in batch:
            check_short(message.exchange, message.key, message.content_type, message.message_id)
        self._sent += len(batch)
        number = self._sent
        for message in batch:
            try:
                self._store.publish(message)
            except (NoSuchQueue, TypeError) as error:
                self.lose(str(error))
                return number
            self._stored += 1
        await asyncio.sleep(0)
        return number

    async def confirmed(self, upto: int) -> None:
        """See ``port.Channel.confirmed``."""
        if upto > self._sent:
            raise ValueError(f"message {upto} was not sent yet: {self._sent} were")
        if upto > self._stored:
            self._check()

    async def consume(
        self, queue: str, *, prefetch: int, offset: Offset | None = None, no_ack: bool = False
    ) -> MemoryInbox:
        """See ``port.Channel.consume``."""
        self._check()
        if self._inbox is not None:
            raise ValueError("a channel carries at most one inbox")
        try:
            source = self._store.queue(queue)
        except NoSuchQueue as error:
            self.lose(str(error))
            raise
        if isinstance(source, Log) != (offset is not None) or (offset is not None and no_ack):
            raise ValueError(f"{queue}: a log, and only a log, is read from an offset, with acks")
        self._inbox, self._queue = MemoryInbox(source, prefetch, no_ack, self.lose), queue
        if isinstance(source, Log) and offset is not None:
            source.attach_at(self._inbox, offset)
        elif isinstance(source, Queue):
            source.attach(self._inbox)
        self._store.watch(queue)
        return self._inbox

    def lose(self, why: str) -> None:
        """The channel ends, for whatever reason. Once lost, always lost."""
        if self._why_lost:
            return
        self._why_lost = why
        self._forget(self)
        if self._inbox is not None:
            self._inbox.end(why)
            self._store.watch(self._queue)

    async def close(self) -> None:
        """See ``port.Channel.close``."""
        self.lose("closed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _check(self) -> None:
        if self._why_lost:
            raise ChannelLost(self._why_lost)
