"""A broker that does what it promises and no more, one small step at a time.

A message sent waits on its channel's ``wire`` until the step that takes it to the broker; whoever
ends the channel before has never sent it. Shards and logs survive everything, a gateway's queue
only its connection. Messages for gateways keep their order only within the replies of one owner:
nothing else of their order is promised (clusters of RabbitMQ 3.10 reorder, see docs/bus.md).
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from broker.errors import ChannelLost
from broker.port import Delivery, Outgoing
from schemas import limits, topology
from schemas.ids import DocumentId, routing_key


@types.coroutine
def pause() -> Generator[None, None, None]:
    """Let the machine decide what happens next."""
    yield


def delivered(
    message: Outgoing, tag: int = 1, *, redelivered: bool = False, offset: int | None = None
) -> Delivery:
    headers = {name: value for name, value in message.headers.items() if name != "BCC"}
    return Delivery(
        tag,
        message.exchange,
        message.key,
        message.body,
        headers,
        message.content_type,
        message.message_id,
        redelivered,
        offset,
    )


class Shard:
    """A quorum queue with a single active consumer: whoever has stood in line longest."""

    def __init__(self) -> None:
        self.ready: deque[tuple[Outgoing, bool]] = deque()
        self.line: list[Channel] = []

    def put(self, message: Outgoing) -> None:
        self.ready.append((message, False))
        self.deliver()

    def stand(self, channel: Channel) -> None:
        self.line.append(channel)
        channel.shard = self
        self.deliver()

    def leave(self, channel: Channel) -> None:
        """What it did not acknowledge goes back in order; only then is the next one active."""
        if channel in self.line:
            self.line.remove(channel)
            self.ready.extendleft(
                (message, True) for _, message in reversed(channel.unacknowledged)
            )
            channel.unacknowledged.clear()
            self.deliver()

    def doubt(self, channel: Channel) -> None:
        """A node is cut off: its consumer goes to the end of the line, its channel stays open."""
        self.leave(channel)
        self.stand(channel)

    def deliver(self) -> None:
        while self.ready and self.line and len(self.line[0].unacknowledged) < limits.PREFETCH:
            message, again = self.ready.popleft()
            self.line[0].hand(message, again)


class Channel:
    """A hub's plain channel: confirmed sends, and the inbox of one shard."""

    def __init__(self, bus: Bus) -> None:
        self.lost = False
        self.shard: Shard | None = None
        self.wire: deque[Outgoing | int] = deque()
        self.unacknowledged: deque[tuple[int, Outgoing]] = deque()
        self.arrived: list[Delivery] = []
        self._bus = bus
        self._sent = 0
        self._taken = 0
        self._tag = 0

    async def send(self, batch: Sequence[Outgoing]) -> int:
        await pause()
        self._check()
        return self.put(batch)

    def put(self, batch: Sequence[Outgoing]) -> int:
        self.wire.extend(batch)
        self._sent += len(batch)
        return self._sent

    async def confirmed(self, upto: int) -> None:
        while self._taken < upto:
            await pause()
            self._check()

    def ack(self, upto: int) -> None:
        if not self.lost:
            self.wire.append(upto)

    def hand(self, message: Outgoing, again: bool) -> None:
        self._tag += 1
        self.unacknowledged.append((self._tag, message))
        self.arrived.append(delivered(message, self._tag, redelivered=again))

    def step(self) -> None:
        """What was sent first comes to the broker."""
        first = self.wire.popleft()
        if isinstance(first, Outgoing):
            self._taken += 1
            if not self._bus.publish(first):
                self.lose()
            return
        while self.unacknowledged and self.unacknowledged[0][0] <= first:
            self.unacknowledged.popleft()
        if self.shard is not None:
            self.shard.deliver()

    def lose(self) -> None:
        if not self.lost:
            self.lost = True
            self.wire.clear()
            self.arrived.clear()
            if self.shard is not None:
                self.shard.leave(self)

    def _check(self) -> None:
        if self.lost:
            raise ChannelLost("gone")


@dataclass
class Queue:
    """A gateway's own queue at one connection of its."""

    replies: deque[Delivery] = field(default_factory=deque)
    others: list[Delivery] = field(default_factory=list)

    def put(self, delivery: Delivery) -> None:
        is_reply = delivery.exchange == topology.EVENTS and "w" not in delivery.headers
        (self.replies if is_reply else self.others).append(delivery)

    def take(self, choice: int) -> Delivery | None:
        """One of those that may come next. 0 is the oldest that keeps no order."""
        if choice < len(self.others):
            return self.others.pop(choice)
        if self.replies:
            return self.replies.popleft()
        return self.others.pop(0) if self.others else None

    def drop(self, many: int) -> bool:
        """It overflowed: the oldest go. Returns whether any did."""
        before = len(self.replies) + len(self.others)
        del self.others[:many]
        for _ in range(min(many, len(self.replies))):
            self.replies.popleft()
        return before > len(self.replies) + len(self.others)

    def __len__(self) -> int:
        return len(self.replies) + len(self.others)


class Bus:
    """Shards, logs, gateways' and workers' queues, documents' exchanges.

    Attributes:
        now: Unix milliseconds.
        activity: Counts everything that arrived anywhere.
        failed: Something complained; what comes after means nothing.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self.activity = 0
        self.failed = False
        self.shards: dict[int, Shard] = {}
        self.logs: dict[int, list[Delivery]] = {}
        self.gateways: dict[str, Queue] = {}
        self.workers: dict[str, deque[bytes]] = {}
        self.exchanges: set[str] = set()

    def add_slot(self, slot: int) -> None:
        self.shards[slot] = Shard()
        self.logs[slot] = []

    def publish(self, message: Outgoing) -> bool:
        """False: there is no such exchange, which costs the publisher its channel."""
        self.activity += 1
        match message.exchange:
            case "":
                log = self.logs[int(message.key.rpartition(".")[2])]
                log.append(delivered(message, offset=len(log)))
            case topology.IN | topology.CLIENTS:
                for key in [message.key, *copies(message)]:
                    if key.startswith(":") and int(key[1:3]) in self.shards:
                        self.shards[int(key[1:3])].put(message)
            case topology.CONTROL:
                for queue in self.gateways.values():
                    queue.put(delivered(message))
                for heard in self.workers.values():
                    heard.append(message.body)
            case topology.DEAD:
                raise AssertionError(message.headers["reason"])
            case exchange:
                if exchange != topology.EVENTS and exchange not in self.exchanges:
                    return False
                for key in [message.key, *copies(message)]:
                    if key in self.gateways:
                        self.gateways[key].put(delivered(message))
        return True


def copies(message: Outgoing) -> list[str]:
    listed = message.headers.get("BCC", [])
    assert isinstance(listed, list)
    return [str(key) for key in listed]


def for_shard(exchange: str, document: DocumentId, body: bytes) -> Outgoing:
    return Outgoing(exchange, routing_key(document), body)
