"""Which documents have a topic exchange of their own. Pure.

A watched document gets one, fed by its shard's owner and bound to ``hub.events``; a backend may
bind its queue to it too. When nobody has been seated for a while its binding to ``hub.events`` is
taken away; it then ends by itself, unless a backend is bound: then it is bound again and kept.

    asked → open → ending → (gone)
              ↑______|         a backend is bound, or somebody came meanwhile

A message is published to it only while it is ``open``: a publish to an exchange that does not
exist would cost the owner its channel. Events that come while it is ``ending`` go to ``hub.events``
and are remembered: should a backend turn out to be bound, it gets them when the exchange is bound
again, and whoever is bound to ``hub.events`` hears those twice.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from broker.port import Outgoing
from schemas import topology
from schemas.ids import DocumentId


class Stage(enum.Enum):
    """Where in its life an exchange is."""

    ASKED = "asked"
    OPEN = "open"
    ENDING = "ending"


class Outcome(enum.Enum):
    """What became of an order."""

    OPENED = "opened"
    GONE = "gone"
    KEPT = "kept"
    """A backend is bound to it: it stays."""
    FAILED = "failed"
    """It cannot be made as designed."""


@dataclass(frozen=True, slots=True)
class Order:
    """Make (``open``) or end one document's exchange."""

    document: str
    open: bool


ENDING_AT_ONCE: Final = 8
"""Per shard, so that none is ``ending`` for long."""
REMEMBERED: Final = 256
"""Events of a document whose exchange is ending; the oldest go."""


@dataclass(slots=True)
class _Exchange:
    stage: Stage
    idle_since: int | None
    missed: deque[Outgoing] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Exchanges:
    """Those of one shard.

    Args:
        most: No more than these; documents beyond are published to ``hub.events`` directly.
        linger_ms: How long one is kept when nobody is seated.
    """

    def __init__(self, *, most: int, linger_ms: int) -> None:
        self._most = most
        self._linger = linger_ms
        self._all: dict[str, _Exchange] = {}
        self._idle: dict[str, int] = {}
        self._ending = 0

    def __contains__(self, document: object) -> bool:
        return document in self._all

    def inherit(self, document: str, now: int, *, trusted: bool) -> Order | None:
        """One that the log says exists. Unless ``trusted`` it is made again before its use."""
        self._all[document] = _Exchange(Stage.OPEN if trusted else Stage.ASKED, now)
        self._idle[document] = now
        return None if trusted else Order(document, open=True)

    def want(self, document: str) -> Order | None:
        """Somebody is seated, or asked. Returns what is to be done, if anything."""
        exchange = self._all.get(document)
        if exchange is not None:
            exchange.idle_since = None
            self._idle.pop(document, None)
            return None
        if len(self._all) >= self._most:
            return None
        self._all[document] = _Exchange(Stage.ASKED, None)
        return Order(document, open=True)

    def unwant(self, document: str, now: int) -> None:
        """Nobody is seated any more."""
        exchange = self._all.get(document)
        if exchange is not None and exchange.idle_since is None:
            exchange.idle_since = now
            self._idle[document] = now

    def target(self, document: str) -> str:
        """The exchange to publish a document's messages to."""
        if self.is_open(document):
            return topology.document_exchange(DocumentId(document))
        return topology.EVENTS

    def published(self, event: Outgoing, document: str) -> None:
        """An event went to ``target``."""
        exchange = self._all.get(document)
        if exchange is not None and exchange.stage is Stage.ENDING:
            exchange.missed.append(event)

    def missed(self, document: str) -> list[Outgoing]:
        """What a backend bound to an exchange that was kept did not get, once."""
        exchange = self._all[document]
        missed = [replace(event, exchange=self.target(document)) for event in exchange.missed]
        exchange.missed.clear()
        return missed

    def is_open(self, document: str) -> bool:
        """Whether it exists for certain."""
        exchange = self._all.get(document)
        return exchange is not None and exchange.stage is Stage.OPEN

    def outcome(self, document: str, outcome: Outcome, now: int) -> Order | None:
        """An order was carried out. Returns the next one for the same document, if any."""
        exchange = self._all.get(document)
        if exchange is None:
            return None
        self._ending -= exchange.stage is Stage.ENDING
        if outcome in (Outcome.OPENED, Outcome.KEPT):
            exchange.stage = Stage.OPEN
            if exchange.idle_since is not None:
                self._idle.pop(document, None)
                self._idle[document] = exchange.idle_since = now
            return None
        if outcome is Outcome.GONE and exchange.idle_since is None:
            exchange.stage = Stage.ASKED
            exchange.missed.clear()
            return Order(document, open=True)
        del self._all[document]
        self._idle.pop(document, None)
        return None

    def due(self) -> int | None:
        """When ``endings`` has something to end: Unix milliseconds."""
        if self._ending >= ENDING_AT_ONCE:
            return None
        first = next(iter(self._idle.values()), None)
        return None if first is None else first + self._linger

    def endings(self, now: int) -> list[Order]:
        """Those that have been idle long enough. From now on they are not published to."""
        orders = []
        while self._idle and self._ending < ENDING_AT_ONCE:
            document, since = next(iter(self._idle.items()))
            if since + self._linger > now:
                break
            del self._idle[document]
            exchange = self._all[document]
            if exchange.stage is Stage.OPEN:
                exchange.stage = Stage.ENDING
                self._ending += 1
                orders.append(Order(document, open=False))
            elif exchange.stage is Stage.ASKED:
                self._idle[document] = exchange.idle_since = now
        return orders
