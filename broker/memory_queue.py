"""One queue in memory: places, acks, redelivery, one active consumer, bounds.

No clock and no asyncio here: a queue hands messages to inboxes (``Reader``) in the same call in
which they become free to go. ``memory_log`` is the other kind of queue.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from broker.port import HeaderValue, Outgoing, QueueSpec


@dataclass(slots=True)
class Held:
    """A message and its place in one queue.

    Attributes:
        place: Counts up in the order of arrival; for a log it is the offset.
        returns: How often it came back from a consumer.
    """

    place: int
    message: Outgoing
    returns: int = 0


class Reader(Protocol):
    """What a queue needs of an inbox."""

    def free(self) -> bool:
        """Whether its prefetch allows one more."""
        ...

    def give(self, held: Held) -> None:
        """Hand over one message."""
        ...

    def dismiss(self, why: str) -> None:
        """The queue is gone."""
        ...


class Queue:
    """A classic or quorum queue.

    Args:
        dead: Takes the messages that leave over a bound or limit, if the queue dead-letters.
    """

    def __init__(self, spec: QueueSpec, dead: Callable[[Outgoing], None]) -> None:
        self.spec = spec
        self._dead = dead
        self._ready: deque[Held] = deque()
        self._bytes = 0
        self._places = 0
        self._readers: deque[Reader] = deque()
        arguments = spec.arguments
        self._alone = bool(arguments.get("x-single-active-consumer"))
        self._max_length = _number(arguments.get("x-max-length"))
        self._max_bytes = _number(arguments.get("x-max-length-bytes"))
        self._max_returns = _number(arguments.get("x-delivery-limit"))

    def depth(self) -> int:
        """Messages ready."""
        return len(self._ready)

    @property
    def used(self) -> bool:
        """Whether anybody consumes."""
        return bool(self._readers)

    def put(self, message: Outgoing) -> None:
        """Store one message and let it go on if somebody is free."""
        self._places += 1
        self._ready.append(Held(self._places, message))
        self._bytes += len(message.body)
        self.pump()
        self._keep_bounds()

    def attach(self, reader: Reader) -> None:
        """A consumer begins. With a single active consumer it may have to wait its turn."""
        self._readers.append(reader)
        self.pump()

    def detach(self, reader: Reader, unacked: Iterable[Held]) -> None:
        """A consumer ends. What it held goes back into its place; then the next one starts."""
        if reader not in self._readers:  # the queue was deleted
            return
        self._readers.remove(reader)
        back = [h for h in unacked if self._may_return(h)]
        self._ready = deque(heapq.merge(back, self._ready, key=lambda held: held.place))
        self._bytes += sum(len(h.message.body) for h in back)
        self.pump()
        self._keep_bounds()

    def pump(self) -> None:
        """Hand out what is ready, in order, to readers that are free, in turn."""
        while self._ready and (reader := self._next_reader()):
            held = self._ready.popleft()
            self._bytes -= len(held.message.body)
            reader.give(held)

    def remove(self) -> None:
        """The queue is deleted: its consumers hear of it, its messages are gone."""
        readers = tuple(self._readers)
        self._readers.clear()
        self._ready.clear()
        for reader in readers:
            reader.dismiss(f"queue {self.spec.name} was deleted")

    def restart(self) -> None:
        """What a broker's restart does to a queue nobody consumes: a classic one forgets what
        was not sent as persistent."""
        if self.spec.arguments.get("x-queue-type") == "classic":
            self._ready = deque(h for h in self._ready if h.message.persistent)
            self._bytes = sum(len(h.message.body) for h in self._ready)

    def _next_reader(self) -> Reader | None:
        if self._alone:
            return self._readers[0] if self._readers and self._readers[0].free() else None
        for _ in range(len(self._readers)):
            reader = self._readers[0]
            self._readers.rotate(-1)
            if reader.free():
                return reader
        return None

    def _may_return(self, held: Held) -> bool:
        held.returns += 1
        if self._max_returns is not None and held.returns > self._max_returns:
            self._bury(held.message, "delivery_limit")
            return False
        return True

    def _keep_bounds(self) -> None:
        while self._ready and self._over():
            held = self._ready.popleft()
            self._bytes -= len(held.message.body)
            self._bury(held.message, "maxlen")

    def _over(self) -> bool:
        return (self._max_length is not None and len(self._ready) > self._max_length) or (
            self._max_bytes is not None and self._bytes > self._max_bytes
        )

    def _bury(self, message: Outgoing, reason: str) -> None:
        """Dead-letter a message, marked as RabbitMQ does, unless it died here before."""
        exchange = self.spec.arguments.get("x-dead-letter-exchange")
        if exchange is None or message.headers.get("x-first-death-queue") == self.spec.name:
            return
        key = self.spec.arguments.get("x-dead-letter-routing-key", message.key)
        headers: dict[str, HeaderValue] = {
            "x-first-death-reason": reason,
            "x-first-death-queue": self.spec.name,
            "x-first-death-exchange": message.exchange,
            **message.headers,
        }
        if "x-dead-letter-routing-key" in self.spec.arguments:
            headers.pop("CC", None)
        self._dead(replace(message, exchange=str(exchange), key=str(key), headers=headers))


def _number(value: str | int | bool | None) -> int | None:
    """A bound, or ``None`` for none."""
    return None if value is None else int(value)
