"""What stands beside a hub's line, without tasks: each reads or does one thing when it is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

from broker.port import Broker, Channel, Inbox
from hub.exchanges import Order, Outcome
from hub.past import Past
from hub.tail import Tail
from schemas import topology
from schemas.ids import DocumentId, Slot
from schemas.log import read_past_record
from tests.property.models.bus import Bus, pause

STRETCH: Final = 16
"""As ``hub.behind.STRETCH``."""


class StepTail(Tail):
    """Reads one record when it is told to."""

    def __init__(self, log: list[Any], offset: int, nonce: str) -> None:
        super().__init__(cast("Broker", None), cast("Channel", None), cast("Inbox", None), nonce)
        self._log = log
        self._offset = offset

    @property
    def behind(self) -> bool:
        return self._offset < len(self._log)

    def step(self) -> None:
        self._offset += 1
        self.look_at(self._log[self._offset - 1])

    async def read_back(self, number: int) -> None:
        while self._read < number:
            await pause()


class Orders:
    """``hub.keeper`` without its task: an order is carried out when the machine says so."""

    def __init__(self, bus: Bus) -> None:
        self.waiting: deque[tuple[Order, Callable[[Outcome], None], Callable[[], bool]]] = deque()
        self._bus = bus

    def give(
        self, order: Order, done: Callable[[Outcome], None], wanted: Callable[[], bool]
    ) -> None:
        self.waiting.append((order, done, wanted))

    def step(self) -> None:
        order, done, wanted = self.waiting.popleft()
        if not wanted():
            return
        exchange = topology.document_exchange(DocumentId(order.document))
        self._bus.activity += 1
        if order.open:
            self._bus.exchanges.add(exchange)
            done(Outcome.OPENED)
        else:
            self._bus.exchanges.discard(exchange)
            done(Outcome.GONE)


class Older:
    """``hub.behind`` without its task: a stretch of older history is read when told so."""

    def __init__(self, bus: Bus) -> None:
        self.jobs: dict[int, tuple[int, Callable[[Past | None], None]]] = {}
        self._bus = bus

    def begin(self, slot: Slot, before: int, deliver: Callable[[Past | None], None]) -> None:
        self.jobs[slot] = before, deliver

    def hurry(self, slot: Slot) -> None:
        pass

    def end(self, slot: Slot) -> None:
        self.jobs.pop(slot, None)

    def step(self) -> None:
        slot, (before, deliver) = next(iter(self.jobs.items()))
        del self.jobs[slot]
        self._bus.activity += 1
        past, start = Past(), max(0, before - STRETCH)
        for offset in range(start, before):
            past.fold(read_past_record(self._bus.logs[slot][offset].body), offset)
        if past.documents:
            deliver(past)
        if start and past.since is not None:
            self.jobs[slot] = past.since, deliver
        else:
            deliver(None)
