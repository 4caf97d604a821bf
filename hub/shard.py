"""All that the owner of one shard knows, and what a turn of it brings forth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from broker.port import Outgoing
from hub.exchanges import Exchanges, Order, Outcome
from hub.fold import Book
from hub.past import Past
from hub.presence import Room
from hub.renewing import Renewing
from hub.rooms import Rooms
from hub.settings import HubSettings
from hub.summaries import Summaries
from schemas.ids import DocumentId, Slot, collection_of
from schemas.log import Exchanged, Fact
from schemas.messages import AskAct, Reply
from schemas.presence import Lease
from schemas.topology import gateway_address

LOST_GATEWAYS = 1_000
"""Terms of lost gateways that are remembered, against late bytes of theirs; the oldest go."""


@dataclass(slots=True)
class Roll:
    """What a gateway has told of its seats until now, in the parts of one roll.

    Attributes:
        at: When it was called, by the gateway's clock.
        parts: Those that have come, from the first on.
        told: (document, connection) of every seat in them.
    """

    at: int
    parts: int = 0
    told: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Gateway:
    """A gateway as this shard's owner knows it.

    Attributes:
        term: Its latest connection to the broker.
        told: It told all its seats to this owner.
        lost: It fell silent and its seats ended.
        roll: Of which parts are missing still.
    """

    id: str
    term: int
    told: bool = False
    lost: bool = False
    roll: Roll | None = None

    @property
    def address(self) -> str:
        """The key that reaches it."""
        return gateway_address(self.id, self.term)


class Shard:
    """One shard in its owner's hands.

    Attributes:
        book: What the log says.
        awaited: Gateways that were alive when this ownership began and have not told their seats.
        settled: Presence is told; before that an answer is marked incomplete.
        settles_from, settles_by: Unix milliseconds between which it settles.
        recalling: Older history is still being read.
        held: Questions that wait for it.
        told_lost: Gateways whose loss was told in an earlier turn: it may be written down.
        leases_checked: Leases of a former owner whose holders did not turn up were ended.
        holders: Connections that told of the lease they hold; until then, for what comes after.
    """

    def __init__(self, slot: Slot, book: Book, settings: HubSettings) -> None:
        self.slot = slot
        self.book = book
        self.rooms = Rooms()
        self.summaries = Summaries()
        self.renewing = Renewing()
        self.exchanges = Exchanges(most=settings.exchanges_per_shard, linger_ms=settings.linger_ms)
        self.gateways: dict[str, Gateway] = {}
        self.awaited: set[str] = set()
        self.settled = False
        self.settles_from = 0
        self.settles_by = 0
        self.recalling = False
        self.held: list[Held] = []
        self.leases_checked = False
        self.holders: set[str] = set()
        self.swept_at = 0
        self.told_lost: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether every gateway that must be asked has told its seats."""
        return self.settled and not self.awaited

    def audience(self, document: str, *, at_list: bool = True) -> list[str]:
        """The addresses of the gateways that have seats at a document or watch its collection
        (``at_list``).

        A new owner does not know them yet and tells every gateway that is alive: an event that
        comes before their seats is delivered all the same, and ignored where nobody wants it.
        """
        if not self.settled:
            return [gateway.address for gateway in self.gateways.values() if not gateway.lost]
        room = self.rooms.get(document)
        seated = room.gateways if room else ()
        watching = self.summaries.watchers(collection_of(DocumentId(document))) if at_list else ()
        return self.addresses([*seated, *(name for name in watching if name not in seated)])

    def addresses(self, gateways: Sequence[str]) -> list[str]:
        """Of those that are known."""
        known = self.gateways
        return [known[name].address for name in gateways if name in known]

    def lease_of(self, document: str) -> Lease | None:
        """Who may edit."""
        held = self.book.leases.get(document)
        return Lease(held.user, held.fence) if held else None

    def drop_oldest_lost(self) -> None:
        """Keep to ``LOST_GATEWAYS``."""
        lost = [name for name, gateway in self.gateways.items() if gateway.lost]
        for name in lost[: max(0, len(lost) - LOST_GATEWAYS)]:
            del self.gateways[name]


@dataclass(frozen=True, slots=True)
class Gone:
    """Notice: a gateway fell silent or said good-bye; its seats end."""

    gateway: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Notice: a gateway is heard that was not known, or was given up."""

    gateway: str


@dataclass(frozen=True, slots=True)
class Carried:
    """Notice: an order about an exchange was carried out, in this generation."""

    document: str
    outcome: Outcome
    generation: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Notice: a stretch of older history was read, in this generation; ``None``: no more comes."""

    past: Past | None
    generation: int


@dataclass(frozen=True, slots=True)
class Held:
    """A question whose answer may yet be in older history; answered at ``due`` as it is then."""

    gateway: str
    document: str
    ask: AskAct
    due: int


Notice = Gone | Heard | Carried | Recalled


@dataclass(slots=True)
class Turn:
    """What one turn of a shard brings forth, in the order it was decided.

    Attributes:
        now: Unix milliseconds, the same for the whole turn.
        facts: For the log. Applied to the book already.
        out: To be published once the facts were read back.
        replies: By gateway; those of one gateway share a message.
        asks: (gateway, document, question), answered when the turn closes.
        heard: Gateways that gave a sign of life.
        orders: About documents' exchanges, to be carried out after all the rest.
        dead: Reasons why messages were dead-lettered.
        lost: Gateways whose loss is told in this turn.
        failed: Mistakes of ours that cost one message, or one thing to tell, and no more.
        unknown: Messages and acts skipped, because only another version knows their kind.
    """

    shard: Shard
    now: int
    facts: list[Fact] = field(default_factory=list)
    out: list[Outgoing] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asks: list[tuple[str, str, AskAct]] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)
    unknown: int = 0

    def decided(self, fact: Fact) -> None:
        """Apply a fact and write it down."""
        self.shard.book.apply(fact)
        self.facts.append(fact)

    def reply(self, gateway: str, reply: Reply) -> None:
        """Tell one gateway something."""
        self.replies.setdefault(gateway, []).append(reply)

    def watched(self, document: str) -> None:
        """Somebody is seated at or asks about a document: it gets an exchange of its own."""
        order = self.shard.exchanges.want(document)
        if order is not None:
            self.orders.append(order)

    def exchange(self, document: str, *, on: bool) -> None:
        """Write down whether a document's exchange may be relied on to exist: after it was made,
        before it is ended."""
        if (document in self.shard.book.exchanges) != on:
            self.decided(Exchanged(document=document, on=on))

    def changed(self, room: Room) -> None:
        """There is something new to tell of a room."""
        self.shard.rooms.touch(room)
        self.shard.summaries.touch(room.document)
