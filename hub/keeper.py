"""Makes and ends documents' exchanges, one after another, at a bounded rate, off every path.

Making one takes milliseconds of the broker's, and a join must not wait for it: until it exists the
document is published to ``hub.events`` directly.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from broker.declare import declare, unbind
from broker.errors import NoSuchQueue, TopologyMismatch
from broker.port import Broker
from hub import metrics
from hub.exchanges import Order, Outcome
from schemas.ids import DocumentId
from schemas.topology import document_exchange, document_topology

log = structlog.get_logger(__name__)

Carry = Callable[[Outcome], None]
Wanted = Callable[[], bool]


class Keeper:
    """One per worker.

    Args:
        per_second: Orders carried out in a second at most.
    """

    def __init__(self, broker: Broker, *, per_second: int) -> None:
        self._broker = broker
        self._pause = 1 / per_second
        self._orders: deque[tuple[Order, Carry, Wanted]] = deque()
        self._news = asyncio.Event()

    def give(self, order: Order, done: Carry, wanted: Wanted) -> None:
        """Carry it out when its turn comes, if it is ``wanted`` then; ``done`` hears how it went.

        At most one order per document waits, so the shards' bounds on exchanges bound this too.
        """
        self._orders.append((order, done, wanted))
        self._news.set()

    async def run(self) -> None:
        """Work orders off, for ever.

        Raises:
            BrokerUnavailable: The connection is gone; so are the shards the orders were for.
        """
        while True:
            self._news.clear()
            while self._orders:
                order, done, wanted = self._orders.popleft()
                if not wanted():  # the document is another owner's by now
                    continue
                outcome = await self._carry_out(order)
                metrics.EXCHANGES.labels(outcome.value).inc()
                done(outcome)
                await asyncio.sleep(self._pause)
            await self._news.wait()

    async def _carry_out(self, order: Order) -> Outcome:
        document = DocumentId(order.document)
        topology = document_topology(document)
        try:
            if order.open:
                await declare(self._broker, topology)
                return Outcome.OPENED
            await unbind(self._broker, topology)
            if not await self._broker.exists(document_exchange(document)):
                return Outcome.GONE
            await declare(self._broker, topology)
            return Outcome.KEPT
        except NoSuchQueue as error:
            # A backend was the last one bound and went between two steps of ours: it ended itself.
            log.info("document_exchange_ended", document=document, missing=error.name)
            gone = error.name == document_exchange(document)
            return Outcome.GONE if gone else Outcome.FAILED
        except TopologyMismatch as error:
            log.warning("document_exchange_refused", document=document, reason=error.reason)
            return Outcome.FAILED
