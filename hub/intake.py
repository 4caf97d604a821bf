"""Keys without a slot, or with a wrong one: find the document in the event, publish it properly.

Any client can publish to ``hub.in`` without knowing about slots; its messages take this one hop
more and stay in the order they were sent. One worker at a time does this, in a line of its own.
"""

from __future__ import annotations

from broker.port import Broker, Delivery, Outgoing
from hub import metrics, publications
from schemas import limits, topology
from schemas.errors import InvalidEvent
from schemas.events import parse_event
from schemas.ids import routing_key


async def run(broker: Broker) -> None:
    """Forward, for ever: publish, confirmed, acknowledge.

    Raises:
        BrokerUnavailable: The channel is gone. What was not acknowledged comes back.
    """
    async with await broker.open() as channel:
        inbox = await channel.consume(topology.INTAKE, prefetch=limits.PREFETCH)
        while True:
            taken = await inbox.take()
            batch = [forwarded(delivery) for delivery in taken]
            await channel.confirmed(await channel.send(batch))
            inbox.ack(taken[-1].tag)


def forwarded(delivery: Delivery) -> Outgoing:
    """The same message with the key its document asks for, or a dead letter."""
    try:
        event = parse_event(delivery.body, delivery.content_type)
        return publications.forward(delivery, topology.IN, routing_key(event.document))
    except InvalidEvent as error:
        why = str(error)
    except Exception as error:  # one try: the next one is forwarded
        why = f"the hub failed on it: {error!r}"
    metrics.DEAD.labels("intake").inc()
    return publications.dead(delivery, topology.INTAKE, why)
