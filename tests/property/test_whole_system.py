"""Several gateways and hubs on a broker that does no more than it must; everything may fail
between any two steps. At rest everybody sees the same, and it is true."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from schemas.presence import Mode
from tests.property.models import oracle
from tests.property.models.page import Page
from tests.property.models.world import DOCUMENTS, LIST, World
from tests.property.pace import run

documents = st.sampled_from(DOCUMENTS)
anywhere = st.sampled_from([*DOCUMENTS, LIST])
modes: st.SearchStrategy[Mode] = st.sampled_from(["watching", "reading", "editing"])
pick = st.integers(0, 11)
picks = st.lists(pick, min_size=1, max_size=30)


def one(of: list[Any], number: int) -> Any:
    return of[number % len(of)]


class System(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(
        hubs=st.integers(1, 2),
        gates=st.integers(1, 3),
        seats=st.lists(st.tuples(pick, anywhere, modes), min_size=2, max_size=8),
    )
    def begin(self, hubs: int, gates: int, seats: list[tuple[int, str, Mode]]) -> None:
        for _ in range(hubs):
            self.world.new_worker()
        for _ in range(gates):
            self.world.new_door()
        for number, user in enumerate(("leela", "leela", "fry", "amy")):
            self.world.pages.append(Page(user))
            self.world.open(self.world.pages[number], one(self.world.doors, number))
        for who, document, mode in seats:
            self.world.join(one(self.world.pages, who), document, mode)
        self.world.live(10_000)

    # --- what people do ---------------------------------------------------------------

    @rule(who=pick, where=pick)
    def comes(self, who: int, where: int) -> None:
        page = one(self.world.pages, who)
        if page.tab is None and self.world.doors:
            self.world.open(page, one(self.world.doors, where))

    @rule(who=pick, document=anywhere, mode=modes)
    def joins(self, who: int, document: str, mode: Mode) -> None:
        self.world.join(one(self.world.pages, who), document, mode)

    @rule(who=pick, document=documents, mode=modes, lease=st.sampled_from([None, True, False]))
    def updates(self, who: int, document: str, mode: Mode, lease: bool | None) -> None:
        self.world.update(one(self.world.pages, who), document, mode, lease)

    @rule(who=pick, document=anywhere)
    def leaves(self, who: int, document: str) -> None:
        self.world.leave(one(self.world.pages, who), document)

    @rule(who=pick, document=documents)
    def speaks(self, who: int, document: str) -> None:
        self.world.send(one(self.world.pages, who), document)

    @rule(who=pick, code=st.sampled_from([1000, 1006]))
    def loses_its_socket(self, who: int, code: int) -> None:
        self.world.drop(one(self.world.pages, who), code)

    @rule(who=pick)
    def is_slow_or_no_longer(self, who: int) -> None:
        page = one(self.world.pages, who)
        if page.tab is not None:
            if page.tab.slow:
                page.door.catch_up(page.tab)
            else:
                page.tab.slow = True

    @rule(document=documents, ids=st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def rows_change(self, document: Any, ids: list[int]) -> None:
        for id in ids:
            self.world.post(document, f"row-{id}")

    @rule(id=st.integers(0, 9))
    def a_table_is_truncated(self, id: int) -> None:
        told = '{"op":"t","entity":"article"}'
        self.world.post(LIST, f"truncate-{id}", data=told, type="presently.change")

    # --- what happens in between ------------------------------------------------------

    @rule(picks=picks)
    def something_happens(self, picks: list[int]) -> None:
        for number in picks:
            if steps := self.world.steps():
                one(steps, number)()

    @rule(where=pick, choices=st.lists(st.integers(0, 5), max_size=6))
    def messages_overtake(self, where: int, choices: list[int]) -> None:
        if self.world.doors:
            for choice in choices:
                one(self.world.doors, where).down(choice)

    @rule()
    def all_happens(self) -> None:
        self.world.run()

    @rule(ms=st.sampled_from([30, 150, 1_000, 3_000]))
    def time_passes(self, ms: int) -> None:
        self.world.pass_time(ms)

    @rule()
    def some_time_of_peace(self) -> None:
        self.world.live(5_000)

    # --- what fails -------------------------------------------------------------------

    @rule(who=pick)
    def a_hub_dies(self, who: int) -> None:
        if self.world.workers:
            self.world.kill_worker(one(self.world.workers, who))

    @precondition(lambda self: len(self.world.workers) < 3)
    @rule()
    def a_hub_comes(self) -> None:
        self.world.new_worker()

    @rule(who=pick, slot=pick)
    def a_hub_loses_a_channel(self, who: int, slot: int) -> None:
        if self.world.workers:
            one(list(one(self.world.workers, who).lines.values()), slot).end()

    @rule(who=pick, slot=pick)
    def a_hub_hands_over(self, who: int, slot: int) -> None:
        if self.world.workers:
            one(list(one(self.world.workers, who).lines.values()), slot).stopping = True

    @rule(slot=pick)
    def the_active_consumer_is_doubted(self, slot: int) -> None:
        shard = one(list(self.world.bus.shards.values()), slot)
        if len(shard.line) > 1:
            shard.doubt(shard.line[0])

    @rule(where=pick)
    def a_gateway_dies(self, where: int) -> None:
        if self.world.doors:
            self.world.kill_door(one(self.world.doors, where))

    @precondition(lambda self: len(self.world.doors) < 3)
    @rule()
    def a_gateway_comes(self) -> None:
        self.world.new_door()

    @rule(where=pick)
    def a_gateway_is_cut_off_or_comes_back(self, where: int) -> None:
        if self.world.doors:
            door = one(self.world.doors, where)
            if door.queue is None:
                door.connect()
            else:
                door.cut()

    @rule(where=pick, often=st.integers(1, 4))
    def a_gateway_is_not_heard(self, where: int, often: int) -> None:
        """Of its heartbeats; the hubs' come and go."""
        if self.world.doors:
            door = one(self.world.doors, where)
            door.silent = True
            self.world.live(often * 5_000)
            door.silent = False

    @rule(where=pick, many=st.integers(1, 9))
    def a_queue_overflows(self, where: int, many: int) -> None:
        if self.world.doors:
            door = one(self.world.doors, where)
            if door.queue is not None and door.queue.drop(many):
                door.board.outbox.roll()

    @rule(where=pick)
    def old_bytes_arrive(self, where: int) -> None:
        if self.world.doors:
            one(self.world.doors, where).straggle()

    @rule()
    def the_broker_restarts(self) -> None:
        self.world.restart_broker()

    def teardown(self) -> None:
        if self.world.pages and not self.world.bus.failed:
            self.world.rest()
            oracle.check(self.world)


class ShortLogs(System):
    """A broker that loses power may lose the end of a log. Whoever has seen it is told."""

    @rule(slot=pick, many=st.integers(1, 6))
    def the_end_of_a_log_is_lost(self, slot: int, many: int) -> None:
        self.world.cut_log(one(list(self.world.bus.shards), slot), many)


test_short_logs = run(ShortLogs, examples=30, steps=30)
test_whole_system = run(System, examples=80, steps=30)
