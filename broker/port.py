"""What a service may ask of the broker, and what it is promised.

The port is shaped for batches: a service hands over all it has in one loop turn, takes all that
has arrived, acknowledges up to a tag and learns of confirms as "everything up to n". An
implementation is then free to be fast (one write, one ack, no object per frame) without the
services knowing.

Promises every implementation keeps (``tests/contract/test_broker.py`` runs on all of them):

* Messages sent on one channel to one queue arrive in the order they were sent.
* ``confirmed(n)`` returns only when the broker has taken responsibility for all up to ``n``.
* A delivery not acknowledged when its inbox closes comes back, marked redelivered, in its place.
* A queue with a single active consumer delivers to one inbox at a time; the next is activated
  without notice when the first closes.
* A lost channel raises ``ChannelLost`` from every waiting call, once lost always lost. Nothing is
  resent and nothing reopened behind the caller's back.
* Cancelling a caller never harms a channel.

All objects belong to the event loop that made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Protocol, Self

HeaderValue = str | int | bool | Sequence[str]
"""What a header may carry. ``CC`` and ``BCC`` take a list of further routing keys."""

Offset = Literal["first", "last", "next"] | int
"""Where to begin in a log: its beginning, its last chunk, what comes next, or an offset.

A reader may be handed records *before* the offset it asked for (a chunk is the smallest unit); it
compares ``Delivery.offset`` itself. Offsets only grow and are not dense.
"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send.

    Attributes:
        exchange: ``""`` is the default exchange: ``key`` is then a queue's name.
        headers: With ``BCC`` the keys are stripped before delivery, with ``CC`` they are kept.
        persistent: False for what may die with the broker (replies, presence).
    """

    exchange: str
    key: str
    body: bytes
    headers: Mapping[str, HeaderValue] = field(default_factory=dict)
    content_type: str = ""
    message_id: str = ""
    persistent: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message received.

    Attributes:
        tag: Counts up within one inbox; ``Inbox.ack`` takes it.
        exchange: Where it was published, ``""`` for the default exchange.
        offset: Its place in a log, else ``None``.
    """

    tag: int
    exchange: str
    key: str
    body: bytes
    headers: Mapping[str, object]
    content_type: str
    message_id: str
    redelivered: bool
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue to declare. ``arguments`` are AMQP's ``x-…``; ``x-queue-type`` is always given."""

    name: str
    arguments: Mapping[str, str | int | bool]
    durable: bool = True


@dataclass(frozen=True, slots=True)
class ExchangeSpec:
    """An exchange to declare."""

    name: str
    kind: Literal["topic", "fanout"]
    durable: bool = True
    auto_delete: bool = False
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """``source`` (an exchange) feeds ``destination`` with what matches ``key``."""

    source: str
    destination: str
    key: str
    to: Literal["queue", "exchange"] = "queue"


class Inbox(Protocol):
    """Messages of one queue, in order, bounded by the prefetch it was opened with."""

    async def take(self) -> list[Delivery]:
        """All that has arrived and was not taken yet; waits until there is at least one.

        Raises:
            ChannelLost: The inbox ended, by either side. What was not acknowledged comes back
                to whoever consumes next.
        """
        ...

    def ack(self, upto: int) -> None:
        """Acknowledge every delivery taken so far whose tag is at most ``upto``.

        Never raises: on a lost channel there is nothing left to acknowledge.
        """
        ...


class Channel(Protocol):
    """One ordered line to the broker. It carries at most one inbox.

    Closing it is the one way to stop consuming: everything unacknowledged goes back in order,
    and only then does a waiting consumer start.
    """

    async def send(self, batch: Sequence[Outgoing]) -> int:
        """Hand the batch to the broker and return the number of its last message.

        Numbers count the messages sent on this channel from 1. Waits only while the bounded
        window of unconfirmed messages is full.

        Raises:
            ChannelLost: The channel is gone. The batch is in doubt.
            BrokerUnavailable: The window stayed full for the whole time-out.
        """
        ...

    async def confirmed(self, upto: int) -> None:
        """Return once the broker has taken responsibility for all messages up to ``upto``.

        Raises:
            ChannelLost: The channel is gone first. What was not confirmed is in doubt.
            BrokerUnavailable: No confirm within the time-out, or the broker refused one.
        """
        ...

    async def consume(
        self, queue: str, *, prefetch: int, offset: Offset | None = None, no_ack: bool = False
    ) -> Inbox:
        """Begin to receive. ``offset`` is for logs only, and asked of every log.

        Raises:
            NoSuchQueue: It is not declared. The channel is lost.
        """
        ...

    @property
    def lost(self) -> bool:
        """Whether the channel is gone."""
        ...

    async def close(self) -> None:
        """End the channel. Returns when the broker has taken back what was unacknowledged."""
        ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Broker(Protocol):
    """One connection. Plain: when it is lost it stays lost, and the caller makes another."""

    async def open(self) -> Channel:
        """A new channel in confirm mode.

        Raises:
            BrokerUnavailable: No connection.
        """
        ...

    async def declare(
        self,
        queues: Sequence[QueueSpec] = (),
        exchanges: Sequence[ExchangeSpec] = (),
        bindings: Sequence[Binding] = (),
    ) -> None:
        """Make these exist, in that order: queues, exchanges, bindings. Repeating is harmless.

        One task per connection owns topology; it works the requests off one after another on a
        channel of its own, so a refusal harms nobody else.

        Raises:
            TopologyMismatch: Something exists with other arguments, or we lack the right.
            NoSuchQueue: An end of a binding does not exist.
            BrokerUnavailable: No connection.
        """
        ...

    async def unbind(self, bindings: Sequence[Binding]) -> None:
        """Undo bindings. Those that do not exist are no error."""
        ...

    async def exists(self, exchange: str) -> bool:
        """Whether this exchange exists."""
        ...

    async def depth(self, queue: str) -> int:
        """Messages ready in ``queue``.

        Raises:
            NoSuchQueue: It is not declared.
        """
        ...

    async def delete(self, queue: str) -> None:
        """Remove ``queue`` with what is in it. One that does not exist is no error."""
        ...

    @property
    def held(self) -> str:
        """Why the broker takes nothing on this connection for now (an alarm); empty if it does.

        What is sent waits; no time-out of a confirm or an answer runs meanwhile.
        """
        ...

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        ...

    async def wait_lost(self) -> str:
        """Return, with the reason, once the connection is gone."""
        ...

    async def close(self) -> None:
        """End the connection and everything on it."""
        ...


class Connect(Protocol):
    """Makes a connection. ``broker.amqp.connector(url)`` and ``broker.memory.Bus().connect``."""

    async def __call__(self, name: str) -> Broker:
        """Connect under a name that operators see, e.g. ``gateway/web-7f up``.

        Raises:
            BrokerUnavailable: It cannot be reached, or refuses us for now.
            BrokerRefused: It never let us in; user, password or vhost are wrong.
        """
        ...
