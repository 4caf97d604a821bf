"""What waits to be told to the hub, and its bytes. Pure.

Everything of one loop turn leaves together: the acts at one document share one message. While the
broker is away nothing waits here but the lives of connections: what matters of the rest is said by
``Seats`` when it is back, and a browser whose event cannot be sent is told so at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final, TypeVar

import msgspec

from broker.port import Delivery, HeaderValue, Outgoing
from gateway.rolls import parted
from schemas import codec, ids, limits, topology
from schemas.ids import SLOTS, ConnectionId, DocumentId
from schemas.messages import (
    Act,
    Acts,
    Connected,
    Control,
    Disconnected,
    Place,
    Seat,
    Seats,
    Watch,
)

WAITING: Final = 10_000
"""Acts that may wait for the broker to take them. Beyond it browsers are told ``unavailable``."""
LIVES: Final = 10_000
"""Connections' beginnings and ends that wait while the broker is away; then the oldest go."""

UNSAYABLE: Final = (OverflowError, ValueError, TypeError)
"""What msgpack raises about a value that it has no form for."""

_One = TypeVar("_One", bound=msgspec.Struct)

Roll = Callable[[int], tuple[list[Place], list[Seat], list[str]]]
"""Of a slot: positions, seats, watched collections."""


class Outbox:
    """Collects; ``take`` makes messages of it.

    Attributes:
        term: Of the connection to the broker; 0: there was none yet.
        up: Whether there is one.
        held: Tells whether the broker takes nothing for now.
        unsaid: Told of each act, seat or life that has no form in msgpack. It is left out, so that
            nobody else is harmed. What comes in is checked, so there should be none.
    """

    def __init__(self, gateway: str, roll: Roll, wake: Callable[[], None] = lambda: None) -> None:
        self.gateway = gateway
        self.term = 0
        self.up = False
        self.wake = wake
        self.held: Callable[[], bool] = lambda: False
        self.unsaid: Callable[[msgspec.Struct, Exception], None] = lambda what, why: None
        self._roll = roll
        self._acts: dict[DocumentId, list[Act]] = {}
        self._waiting = 0
        self._lives: deque[Connected | Disconnected] = deque(maxlen=LIVES)
        self._unsure: deque[tuple[int, Connected | Disconnected]] = deque()
        self._taken = 0
        self._others: list[Outgoing] = []
        self._slots: set[int] = set()

    # --- in -------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether an event or update can be taken now."""
        return self.up and self._waiting < WAITING and not self.held()

    def act(self, document: DocumentId, *acts: Act) -> None:
        """Something happened at a document."""
        if not self.up:
            return
        if self._waiting >= WAITING:  # Too much at once: the whole roll says it later.
            self._slots.add(ids.slot_of(document))
            return
        self._acts.setdefault(document, []).extend(acts)
        self._waiting += len(acts)
        self.wake()

    def life(self, said: Connected | Disconnected) -> None:
        """A connection began or ended."""
        self._lives.append(said)
        self.wake()

    def roll(self, *slots: int) -> None:
        """Tell all seats: of these slots, or of all."""
        self._slots.update(slots or range(SLOTS))
        self.wake()

    def watch(self, collection: str, on: bool, slot: int | None) -> None:
        """Begin or end to watch a collection: everywhere, or at one slot."""
        if not self.up:
            return
        slots = list(range(SLOTS)) if slot is None else [slot]
        if len(self._others) >= WAITING:  # The roll says it, too.
            self._slots.update(slots)
            return
        keys = [topology.watch_key(slot) for slot in slots]
        said = Watch(gateway=self.gateway, term=self.term, collection=collection, on=on)
        self._others.append(_clients(keys[0], codec.pack(said), copies=keys[1:]))
        self.wake()

    def control(self, said: Control) -> None:
        """Tell everybody."""
        if self.up and len(self._others) < WAITING:
            body = codec.pack(said)
            self._others.append(
                Outgoing(topology.CONTROL, "", body, content_type=codec.MSGPACK, persistent=False)
            )
            self.wake()

    def dead(self, delivery: Delivery, queue: str, reason: str) -> None:
        """A message came that is none."""
        if self.up and len(self._others) < WAITING:
            self._others.append(
                Outgoing(
                    topology.DEAD,
                    queue,
                    delivery.body,
                    headers={"reason": reason, "from": delivery.exchange, "key": delivery.key},
                    content_type=delivery.content_type,
                )
            )
            self.wake()

    def connected(self, term: int) -> None:
        """A new connection to the broker: everything is told anew, nothing of the old is."""
        self.lost()
        self.term = term
        self._taken = 0
        self.up = True
        self.roll()

    def lost(self) -> None:
        """The broker is away. Lives that it did not confirm are told again."""
        self.up = False
        unsure = [said for _, said in self._unsure]
        self._lives = deque([*unsure, *self._lives], maxlen=LIVES)
        self._unsure.clear()
        self._acts.clear()
        self._waiting = 0
        self._others.clear()

    # --- out ------------------------------------------------------------------------

    def take(self, now: int) -> list[Outgoing]:
        """All that waits, as messages in order: lives, acts, then the roll that includes them.

        The roll of one slot at a time: it is work, and sockets are served between two of them.

        They must be sent in this order on one channel, and nothing else on it: see ``confirmed``.
        """
        if not self.up:
            return []
        lives = [said for said in self._lives if self._sayable(said)]
        self._lives.clear()
        self._unsure.extend(enumerate(lives, self._taken + 1))
        batch = [_life(said) for said in lives]
        for document, acts in self._acts.items():
            batch += self._messages(document, acts, now)
        self._acts.clear()
        self._waiting = 0
        batch += self._others
        self._others.clear()
        batch += self._roll_call(now)
        self._taken += len(batch)
        return batch

    def confirmed(self, upto: int) -> None:
        """The broker has the first ``upto`` messages taken since ``connected``."""
        while self._unsure and self._unsure[0][0] <= upto:
            self._unsure.popleft()

    def _messages(self, document: DocumentId, acts: list[Act], now: int) -> list[Outgoing]:
        rest = iter(acts)
        messages = []
        while some := list(islice(rest, limits.ACTS_PER_MESSAGE)):
            body, some = self._packed(
                lambda acts: Acts(
                    gateway=self.gateway, term=self.term, document=document, at=now, acts=acts
                ),
                some,
            )
            if some:
                who = dict.fromkeys(act.connection for act in some if act.connection)
                copies = [f"receive.{connection}" for connection in who]
                messages.append(_clients(ids.routing_key(document), body, copies=copies))
        return messages

    def _roll_call(self, now: int) -> list[Outgoing]:
        if not self._slots:
            return []
        slot = min(self._slots)
        self._slots.discard(slot)
        if self._slots:
            self.wake()
        places, seats, collections = self._roll(slot)
        parts = parted(seats, places)
        return [
            self._seats(slot, now, number, len(parts), some, at, collections)
            for number, (some, at) in enumerate(parts, 1)
        ]

    def _seats(
        self,
        slot: int,
        now: int,
        part: int,
        parts: int,
        seats: list[Seat],
        places: list[Place],
        collections: list[str],
    ) -> Outgoing:
        body, _ = self._packed(
            lambda seats: Seats(
                gateway=self.gateway,
                term=self.term,
                slot=slot,
                at=now,
                places=places,
                seats=seats,
                collections=collections if part == parts else [],
                part=part,
                parts=parts,
            ),
            seats,
        )
        return _clients(topology.seats_key(slot), body)

    def _packed(
        self, message: Callable[[list[_One]], msgspec.Struct], parts: list[_One]
    ) -> tuple[bytes, list[_One]]:
        """A message's bytes, and which of the parts are in it."""
        try:
            return codec.pack(message(parts)), parts
        except UNSAYABLE:
            parts = [part for part in parts if self._sayable(part)]
            return codec.pack(message(parts)), parts

    def _sayable(self, part: msgspec.Struct) -> bool:
        try:
            codec.pack(part)
        except UNSAYABLE as why:
            self.unsaid(part, why)
            return False
        return True


def _life(said: Connected | Disconnected) -> Outgoing:
    word = "connect" if isinstance(said, Connected) else "disconnect"
    return _clients(f"{word}.{ConnectionId(said.connection)}", codec.pack(said), persistent=False)


def _clients(
    key: str, body: bytes, *, copies: list[str] | None = None, persistent: bool = True
) -> Outgoing:
    headers: dict[str, HeaderValue] = {"BCC": copies} if copies else {}
    return Outgoing(
        topology.CLIENTS,
        key,
        body,
        headers=headers,
        content_type=codec.MSGPACK,
        persistent=persistent,
    )
