"""Looking at ``hub.dead`` without taking anything out of it."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, Final

from broker.port import Broker, Delivery
from schemas import topology

WAIT_S: Final = 2.0


async def peek(broker: Broker, most: int) -> list[dict[str, Any]]:
    """Up to ``most`` waiting dead letters, oldest first, as plain values. They stay there.

    Raises:
        BrokerUnavailable: No connection.
    """
    count = min(most, await broker.depth(topology.DEAD))
    seen: list[Delivery] = []
    if count == 0:
        return []
    async with await broker.open() as channel:  # Closing it gives everything back.
        inbox = await channel.consume(topology.DEAD, prefetch=count)
        try:
            async with asyncio.timeout(WAIT_S):
                while len(seen) < count:
                    seen += await inbox.take()
        except TimeoutError:
            pass  # Somebody else looks at the same time.
    return [_letter(delivery) for delivery in seen[:count]]


def _letter(delivery: Delivery) -> dict[str, Any]:
    said: dict[str, Any] = {
        "where": delivery.key,
        "reason": _text(delivery, "reason"),
        "from": _text(delivery, "from"),
        "key": _text(delivery, "key"),
        "content_type": delivery.content_type,
    }
    try:
        return {**said, "body": delivery.body.decode()}
    except UnicodeDecodeError:
        return {**said, "body_base64": base64.b64encode(delivery.body).decode()}


def _text(delivery: Delivery, header: str) -> str:
    value = delivery.headers.get(header, "")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
