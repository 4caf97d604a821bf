"""The topology of ``schemas.topology``, onto a broker.

The contract may not import the port, so it describes itself in types of its own; here they meet.
"""

from __future__ import annotations

from broker.port import Binding, Broker, ExchangeSpec, QueueSpec
from schemas.topology import Bind, Topology


async def declare(broker: Broker, topology: Topology) -> None:
    """Make it exist: queues before the exchanges that feed them. Repeating is harmless.

    Whoever appends to a log declares it after each connection, before the first record: for about
    half a second after a restart, RabbitMQ 3.10 confirms a message to a stream that has not started
    yet, and loses it (5 of 5 times when tried). Declaring is refused until it has started
    (``BrokerUnavailable``, so ``reconnect.keep`` comes back). Quorum queues confirm late instead
    and lose nothing.

    Raises:
        TopologyMismatch: Something exists with other arguments, or we lack the right.
        NoSuchQueue: A binding names something that is not there.
        BrokerUnavailable: No connection.
    """
    await broker.declare(
        [QueueSpec(queue.name, queue.arguments) for queue in topology.queues],
        [
            ExchangeSpec(
                exchange.name,
                exchange.kind,
                auto_delete=exchange.auto_delete,
                arguments=exchange.arguments,
            )
            for exchange in topology.exchanges
        ],
        [_binding(bind) for bind in topology.binds],
    )


async def unbind(broker: Broker, topology: Topology) -> None:
    """Take its bindings away; an auto-delete exchange goes with its last one.

    Raises:
        BrokerUnavailable: No connection.
    """
    await broker.unbind([_binding(bind) for bind in topology.binds])


def _binding(bind: Bind) -> Binding:
    return Binding(bind.source, bind.destination, bind.key, bind.to)
