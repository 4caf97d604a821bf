"""A lease has one holder and its fence only grows, whatever dies, whoever comes back.

Pages sit at two gateways and hold what they were told; the hub's owner dies before or after its
facts reached the log, answers are lost, clocks step back, logs too (with a clock that goes on).
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker.port import Delivery
from gateway.seats import Seat as GatewaySeat
from hub import decide, publications
from hub.acts import gateway_gone
from hub.closing import close
from hub.fold import Book, Budget
from hub.settings import HubSettings
from hub.shard import Shard, Turn
from schemas.ids import ConnectionId
from schemas.log import Claim, Granted, read_record
from schemas.messages import AwayAct, Done, LeaseLost, Refused, UpdateAct
from tests.property.pace import run
from tests.unit.hub.builders import DOCUMENT, SLOT, START, acts, join, leave, seats, told

PAGES = {"p1": "leela", "p2": "leela", "p3": "fry", "p4": "amy"}
GATEWAYS = ("g1", "g2")
page = st.sampled_from(sorted(PAGES))
gateway = st.sampled_from(GATEWAYS)
FINE, UNLOGGED, UNHEARD = "fine", "dies before the log has it", "dies before it answers"
trouble = st.sampled_from(
    ["g1", "g2", "the owner dies", "the log is lost", "a state is written", "-60000", "-1", "60000"]
)
fate = st.sampled_from([FINE] * 6 + [UNLOGGED, UNHEARD])


@dataclass
class Page:
    """A browser's page, and the seat that a gateway keeps for its connection."""

    name: str
    user: str
    gateway: str = ""
    seat: GatewaySeat | None = None
    visits: int = 0

    @property
    def holds(self) -> int:
        """The fence by its own account."""
        return (self.seat.fence or 0) if self.seat else 0


class Leases(RuleBasedStateMachine):
    """Every step is one turn of the shard; ``rest`` is what every fault ends in."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.earliest = START, 0
        self.claims = self.requests = 0
        self.pages = {name: Page(name, user) for name, user in PAGES.items()}
        self.log: list[bytes] = []
        self.granted: list[int] = []
        self.saved: dict[int, str] = {}
        self.claim()
        for name, at in zip(PAGES, GATEWAYS * 2, strict=True):
            self.arrive(self.pages[name], at, FINE, 0)

    # --- the hub --------------------------------------------------------------------

    def claim(self) -> None:
        """A worker takes the shard over: what counts is what the log says."""
        self.claims += 1
        claim = Claim(worker="w", nonce=f"n{self.claims}", at=self.now)
        self.log.append(publications.record(SLOT, claim, "").body)
        book = Book(Budget())
        for body in self.log:
            book.fold(read_record(body))
        self.book, self.batches = book, 0
        self.shard = Shard(SLOT, book, HubSettings())
        self.shard.settles_by = self.now + 15_000
        self.tell_seats()

    def tell_seats(self) -> None:
        """What a new owner asks every gateway for."""
        for name in GATEWAYS:
            sitting = [it.seat for it in self.pages.values() if it.seat and it.gateway == name]
            each = (told(seat.connection, seat.user, lease=seat.fence) for seat in sitting)
            self.turn(seats(*each, gateway=name))

    def turn(self, *deliveries: Delivery, fate: str = FINE) -> None:
        turn = Turn(self.shard, self.now)
        for delivery in deliveries:
            decide.take(turn, delivery)
        close(turn)
        self.done(turn, fate)

    def done(self, turn: Turn, fate: str) -> None:
        if fate == UNLOGGED:
            self.claim()
            return
        self.batches += 1
        for record in publications.batches(turn.facts, self.book.nonce, self.batches):
            self.log.append(publications.record(SLOT, record, "").body)
        for fact in turn.facts:
            if isinstance(fact, Granted) and fact.fence not in self.granted:
                assert fact.fence > max(self.granted, default=0)
                self.granted.append(fact.fence)
        if fate == UNHEARD:
            self.claim()
            return
        for replies in turn.replies.values():
            for reply in replies:
                self.hear(reply)

    def hear(self, reply: object) -> None:
        for each in self.pages.values():
            seat = each.seat
            if seat is None:
                continue
            match reply:
                case Done(request=number, fence=fence) if number == seat.asked and fence:
                    seat.answered(number, fence)
                case Refused(request=number, code=code) if number == seat.asked:
                    if seat.fence is None or code == "locked":
                        seat.answered(number, 0)
                case LeaseLost(connection=connection, fence=fence):
                    if connection == seat.connection:
                        seat.loses(fence)
                case _:
                    pass

    # --- the pages ------------------------------------------------------------------

    @rule(name=page, at=gateway, fate=fate, same=st.booleans())
    def come(self, name: str, at: str, fate: str, same: bool) -> None:
        """A page comes, or comes back: ``same``: it still runs, and knows what it held."""
        it = self.pages[name]
        claimed, held = it.holds if same else 0, self.book.leases.get(DOCUMENT)
        self.arrive(it, at, fate, claimed)
        if held and (held.user, held.fence) == (it.user, claimed):
            assert it.holds == claimed, "nobody took it"
            assert self.book.leases[DOCUMENT].fence == claimed

    def arrive(self, it: Page, at: str, fate: str, claimed: int) -> None:
        before, it.visits = it.seat, it.visits + 1
        it.seat = GatewaySeat(
            ConnectionId(f"{it.name}.{it.visits}"), it.user, it.user, b"{}", "reading", b"{}"
        )
        it.seat.fence, it.gateway = claimed or None, at
        previous = before.connection if before else None
        joined = join(it.seat.connection, it.user, previous=previous, lease=claimed or None)
        if previous:
            self.turn(acts(AwayAct(connection=previous), gateway=at))
        self.turn(acts(joined, gateway=at), fate=fate)
        if previous:
            self.turn(acts(leave(previous), gateway=at))

    @rule(name=page, fate=fate)
    def ask(self, name: str, fate: str) -> None:
        it = self.pages[name]
        if it.seat is None:
            self.arrive(it, GATEWAYS[0], FINE, 0)
        assert it.seat is not None
        self.requests += 1
        it.seat.asks(self.requests, lease=True)
        wish = UpdateAct(connection=it.seat.connection, lease=True, request=self.requests)
        self.turn(acts(wish, gateway=it.gateway), fate=fate)

    @rule(name=page, fate=fate, leave_too=st.booleans())
    def release(self, name: str, fate: str, leave_too: bool) -> None:
        it = self.pages[name]
        if it.seat is None:
            return
        if leave_too:
            gone, it.seat = it.seat, None
            self.turn(acts(leave(gone.connection), gateway=it.gateway), fate=fate)
            return
        self.requests += 1
        it.seat.asks(self.requests, lease=False)
        wish = UpdateAct(connection=it.seat.connection, lease=False, mode="reading")
        self.turn(acts(wish, gateway=it.gateway), fate=fate)

    @rule(name=page)
    def save(self, name: str) -> None:
        """A backend that stores the highest fence: one fence, one page."""
        it = self.pages[name]
        if it.holds and it.holds >= max(self.saved, default=0):
            assert self.saved.setdefault(it.holds, name) == name

    # --- what goes wrong ------------------------------------------------------------

    @rule(what=trouble)
    def suffer(self, what: str) -> None:
        match what:
            case "g1" | "g2":  # Counted for lost; its pages know nothing of it.
                turn = Turn(self.shard, self.now)
                gateway_gone(turn, what)
                close(turn)
                self.done(turn, FINE)
            case "the owner dies":
                self.claim()
            case "the log is lost":  # A lone broker lost power. The clock goes on.
                self.log.clear()
                self.earliest = max(self.granted, default=START) + 1
                self.now = max(self.now, self.earliest)
                self.claim()
            case "a state is written":
                state = self.book.state()
                self.book.fold(state)
                self.log.append(publications.record(SLOT, state, "").body)
            case _:
                self.now = max(self.now + int(what), self.earliest)

    @rule()
    def rest(self) -> None:
        """Every gateway tells its seats, pages without an answer give up, then all agree."""
        for each in self.pages.values():
            if each.seat is not None and each.seat.fence is None:
                each.seat.fence = 0
        self.tell_seats()
        self.now = max(self.now, self.shard.settles_by)
        self.turn()
        held = self.book.leases.get(DOCUMENT)
        believing = [
            (p.seat.connection, p.holds) for p in self.pages.values() if p.seat and p.holds
        ]
        assert believing == ([(held.connection, held.fence)] if held else [])
        room = self.shard.rooms.get(DOCUMENT)
        shown = room.lease if room else None
        assert (shown and (shown.user, shown.fence)) == (held and (held.user, held.fence))

    @invariant()
    def the_log_knows_the_highest(self) -> None:
        held = self.book.leases.get(DOCUMENT)
        assert held is None or held.fence == max(self.granted)
        assert self.book.fence in (0, max(self.granted, default=0))


test_leases = run(Leases, examples=100, steps=50)
