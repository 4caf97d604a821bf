"""What the in-memory broker knows: exchanges, queues and logs, and how a publish finds them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from broker.errors import NoSuchQueue, TopologyMismatch
from broker.limits import check_topology
from broker.memory_log import Log
from broker.memory_queue import Queue
from broker.memory_routing import Routes
from broker.port import Binding, ExchangeSpec, Outgoing, QueueSpec

UNDERSTOOD = frozenset(
    {
        "x-queue-type",
        "x-single-active-consumer",
        "x-delivery-limit",
        "x-max-length",
        "x-max-length-bytes",
        "x-overflow",
        "x-dead-letter-exchange",
        "x-dead-letter-routing-key",
        "x-expires",
        # Of no consequence here: one node, one segment, no process lives long enough for an age.
        "x-queue-leader-locator",
        "x-stream-max-segment-size-bytes",
        "x-max-age",
    }
)
"""Queue arguments we keep to. Any other is refused rather than silently ignored."""


class Store:
    """The broker's state. Everything happens at once, within the call.

    Args:
        log_bytes: Bound of each log, however much more its arguments allow.
    """

    def __init__(self, log_bytes: int) -> None:
        self.routes = Routes()
        self.queues: dict[str, Queue | Log] = {}
        self._log_bytes = log_bytes
        self._expiries: dict[str, asyncio.TimerHandle] = {}

    def publish(self, message: Outgoing) -> None:
        """Put a message into every queue it reaches.

        Raises:
            NoSuchQueue: The exchange does not exist.
            TypeError: ``CC`` or ``BCC`` is not a list.
        """
        keys = [message.key]
        if message.headers:
            keys += _listed(message, "CC") + _listed(message, "BCC")
            headers = {name: value for name, value in message.headers.items() if name != "BCC"}
            message = replace(message, headers=headers)
        for name in self.routes.route(message.exchange, keys):
            queue = self.queues.get(name)
            if queue is not None:
                queue.put(message)

    def queue(self, name: str) -> Queue | Log:
        """Raises:
        NoSuchQueue: It is not declared.
        """
        if name not in self.queues:
            raise NoSuchQueue(name)
        return self.queues[name]

    def declare(
        self,
        queues: Sequence[QueueSpec],
        exchanges: Sequence[ExchangeSpec],
        bindings: Sequence[Binding],
    ) -> None:
        """Make these exist.

        Raises:
            TopologyMismatch: Something exists with other arguments, or asks for what we have not.
            NoSuchQueue: An end of a binding does not exist.
            ValueError: A name or key is longer than AMQP takes.
        """
        check_topology(queues, exchanges, bindings)
        for queue in queues:
            self._declare_queue(queue)
        for exchange in exchanges:
            self.routes.declare(exchange)
        for binding in bindings:
            there = self.queues if binding.to == "queue" else self.routes.exchanges
            if binding.destination not in there:
                raise NoSuchQueue(binding.destination)
            self.routes.bind(binding)

    def delete(self, name: str) -> None:
        """Remove a queue with its bindings, if it is there."""
        queue = self.queues.pop(name, None)
        if queue is not None:
            self.watch(name)
            self.routes.forget(name)
            queue.remove()

    def watch(self, name: str) -> None:
        """Start, restart or stop the clock after which an unused queue expires."""
        if handle := self._expiries.pop(name, None):
            handle.cancel()
        queue = self.queues.get(name)
        if queue is None or queue.used or "x-expires" not in queue.spec.arguments:
            return
        seconds = int(queue.spec.arguments["x-expires"]) / 1000
        self._expiries[name] = asyncio.get_running_loop().call_later(seconds, self.delete, name)

    def restart(self) -> None:
        """Forget what does not outlive a broker. All consumers must be gone already."""
        for name, queue in tuple(self.queues.items()):
            if queue.spec.durable:
                queue.restart()
            else:
                self.delete(name)
        for exchange in tuple(self.routes.exchanges.values()):
            if not exchange.durable and exchange.name in self.routes.exchanges:
                self.routes.remove(exchange.name)

    def _declare_queue(self, spec: QueueSpec) -> None:
        there = self.queues.get(spec.name)
        if there is not None:
            if there.spec != spec:
                why = f"exists as {there.spec}, asked for {spec}"
                raise TopologyMismatch(spec.name, why)
        else:
            self.queues[spec.name] = self._made(spec)
        self.watch(spec.name)

    def _made(self, spec: QueueSpec) -> Queue | Log:
        if unknown := spec.arguments.keys() - UNDERSTOOD:
            raise TopologyMismatch(spec.name, f"not simulated: {', '.join(sorted(unknown))}")
        if spec.arguments.get("x-overflow", "drop-head") != "drop-head":
            raise TopologyMismatch(spec.name, "not simulated: overflow other than drop-head")
        match spec.arguments.get("x-queue-type"):
            case "stream":
                return Log(spec, self._log_bytes)
            case "classic" | "quorum":
                return Queue(spec, self._bury)
            case other:
                raise TopologyMismatch(spec.name, f"x-queue-type {other!r} is not one")

    def _bury(self, message: Outgoing) -> None:
        """Dead-letter. Without the exchange the message is gone, as on RabbitMQ."""
        if not message.exchange or message.exchange in self.routes.exchanges:
            self.publish(message)


def _listed(message: Outgoing, name: str) -> list[str]:
    more = message.headers.get(name, ())
    if isinstance(more, str | int):
        raise TypeError(f"unexpected type for header {name}: a list is needed")
    return list(more)
