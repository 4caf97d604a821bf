"""Workers come, go, fall silent and hear of each other late. At rest each shard is worked on by the
one the table names, the next stands in line behind it, and nobody else does.

The broker here: a line for each slot, whoever has stood longest is active, and learns of it when a
probe comes round.
"""

from __future__ import annotations

from collections import Counter, deque

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.ownership import table
from hub.roster import Roster
from hub.staffing import Staffing
from schemas import limits
from schemas.ids import SLOTS, Slot
from schemas.messages import Bye, Control, HubBeat
from tests.property.pace import run

PATIENCE_MS = 2_000
pick = st.integers(0, 11)


class Hub:
    """One worker: what it hears, where it stands, and what it works on since which beat."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.roster = Roster(name, silent_beats=3, bye_ms=10_000, round_ms=4_000)
        self.staffing = Staffing(name, self.roster, patience_ms=PATIENCE_MS)
        self.inbox: deque[Control] = deque()
        self.standing: set[Slot] = set()
        self.working: dict[Slot, int] = {}
        self.stopped = False


class Staff(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000
        self.names = 0
        self.hubs: list[Hub] = []
        self.lines: dict[Slot, list[Hub]] = {Slot(number): [] for number in range(SLOTS)}

    # --- the broker -------------------------------------------------------------------

    def tell(self, message: Control) -> None:
        for hub in self.hubs:
            hub.inbox.append(message)

    def leave(self, hub: Hub, slot: Slot) -> None:
        self.lines[slot].remove(hub)
        hub.working.pop(slot, None)
        hub.standing.discard(slot)

    def notice(self, hub: Hub) -> None:
        """A probe: whoever is active takes its shards over."""
        for slot in sorted(hub.standing):
            if self.lines[slot][0] is hub:
                hub.standing.discard(slot)
                hub.working[slot] = hub.roster.beats

    # --- a worker ---------------------------------------------------------------------

    def staff(self, hub: Hub) -> None:
        wanted = hub.staffing.slots(self.now, working=hub.working, standing=hub.standing)
        for slot in sorted({*hub.working, *hub.standing} - wanted):
            self.leave(hub, slot)
        for slot in sorted(wanted - {*hub.working, *hub.standing}):
            self.lines[slot].append(hub)
            hub.standing.add(slot)

    def beat(self, hub: Hub) -> None:
        self.staff(hub)
        self.tell(
            HubBeat(
                worker=hub.name,
                at=self.now,
                shards={str(slot): 1 for slot in hub.working},
                standing=hub.staffing.said(hub.standing),
            )
        )

    def hear(self, hub: Hub, many: int) -> None:
        for _ in range(min(many, len(hub.inbox))):
            hub.roster.hear(hub.inbox.popleft(), self.now)
        self.staff(hub)

    def gone(self, hub: Hub) -> None:
        for slot in [*hub.working, *hub.standing]:
            self.leave(hub, slot)
        self.hubs.remove(hub)

    def one(self, number: int) -> Hub:
        return self.hubs[number % len(self.hubs)]

    # --- rules ------------------------------------------------------------------------

    @initialize(many=st.integers(1, 4))
    def begin(self, many: int) -> None:
        for _ in range(many):
            self.comes()

    @precondition(lambda self: len(self.hubs) < 6)
    @rule()
    def comes(self) -> None:
        self.names += 1
        hub = Hub(f"hub-{self.names}")
        self.hubs.append(hub)
        self.staff(hub)
        self.beat(hub)

    @precondition(lambda self: len(self.hubs) > 1)
    @rule(who=pick, says=st.booleans())
    def goes(self, who: int, says: bool) -> None:
        hub = self.one(who)
        self.gone(hub)
        if says:
            self.tell(Bye(who=hub.name, at=self.now))

    @precondition(lambda self: len(self.hubs) > 1)
    @rule(who=pick)
    def stops_or_goes_on(self, who: int) -> None:
        """SIGSTOP: it hears and says nothing; the broker gives its shards away after a while."""
        hub = self.one(who)
        if hub.stopped:
            self.wakes(hub)
        else:
            hub.stopped = True

    def wakes(self, hub: Hub) -> None:
        """Its connection is gone, and it makes another one."""
        hub.stopped = False
        hub.inbox.clear()
        hub.roster.reconnected()
        for slot in [*hub.working, *hub.standing]:
            self.leave(hub, slot)

    @rule(who=pick, many=st.integers(1, 9))
    def hears(self, who: int, many: int) -> None:
        if not self.one(who).stopped:
            self.hear(self.one(who), many)

    @rule(who=pick)
    def beats(self, who: int) -> None:
        if not self.one(who).stopped:
            self.beat(self.one(who))

    @rule(who=pick)
    def is_active(self, who: int) -> None:
        if not self.one(who).stopped:
            self.notice(self.one(who))

    @rule(ms=st.sampled_from([100, 1_000, PATIENCE_MS, limits.HEARTBEAT_MS]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule(rounds=st.integers(1, 4))
    def peace(self, rounds: int) -> None:
        for _ in range(rounds):
            self.round()

    def round(self) -> None:
        """A heartbeat's time. Extra ones go out when shards come or go."""
        self.now += limits.HEARTBEAT_MS
        for hub in self.awake():
            self.beat(hub)
        for _ in range(4):
            for hub in self.awake():
                before = set(hub.working), set(hub.standing)
                self.hear(hub, len(hub.inbox))
                self.notice(hub)
                if (set(hub.working), set(hub.standing)) != before:
                    self.beat(hub)
            self.now += 200

    def awake(self) -> list[Hub]:
        return [hub for hub in self.hubs if not hub.stopped]

    # --- what must hold ---------------------------------------------------------------

    @invariant()
    def each_stands_once(self) -> None:
        for line in self.lines.values():
            assert len({hub.name for hub in line}) == len(line)
        for hub in self.hubs:
            for slot in hub.working:
                assert self.lines[slot][0] is hub, "two work on one shard"

    def teardown(self) -> None:
        for hub in self.hubs:
            if hub.stopped:
                self.wakes(hub)
        for _ in range(12):
            self.round()
        if self.hubs:
            names = table([hub.name for hub in self.hubs])
            for slot, line in self.lines.items():
                named = names[slot]
                assert [hub.name for hub in line] == [n for n in (named.owner, named.next) if n]
                assert slot in line[0].working
            held = Counter(hub.name for hub in self.hubs for _ in hub.working)
            assert max(held.values()) - min(held.values()) <= 1


test_hub_staffing = run(Staff, examples=60, steps=40)
