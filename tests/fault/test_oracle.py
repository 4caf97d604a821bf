"""The oracle says so when something is wrong: otherwise all other tests here prove nothing."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.fault.ledger import Ledger
from tests.fault.oracle import Oracle
from tests.fault.visitor import Visitor
from tests.support.tab import Tab
from tests.support.view import View

DOCUMENT = "page.1"


def change(version: int) -> dict[str, Any]:
    """An event as the relay makes it."""
    return {
        "id": f"o-{version}",
        "type": "presently.change",
        "data": {"after": {"version": version}},
    }


class Played:
    """A page whose socket is played, and whose row is loaded when the test says so."""

    def __init__(self, oracle: Oracle, who: str = "page") -> None:
        self.loads: list[int] = []
        self.ledger = Ledger(who, oracle, lambda document, load: self.loads.append(load))
        self.tab = Tab.__new__(Tab)
        self.tab.raw, self.tab.views, self.tab.members = [], {}, {}

    def joined(self, seq: int, *versions: int, recovered: bool = False, epoch: str = "a") -> None:
        """An answer to a join, with these changes replayed."""
        events = [change(version) for version in versions]
        self.tab.views[DOCUMENT] = View(epoch=epoch, seq=seq, events=events)
        frame = {"type": "joined", "document": DOCUMENT, "epoch": epoch, "seq": seq}
        self.ledger.hear(self.tab, frame | {"events": events, "recovered": recovered})

    def event(self, seq: int, version: int) -> None:
        """A change."""
        view = self.tab.views[DOCUMENT]
        view.seq = seq
        view.events.append(change(version))
        self.ledger.hear(self.tab, {"type": "event", "document": DOCUMENT})

    def load(self, version: int) -> None:
        """The row is there."""
        self.ledger.loaded(DOCUMENT, self.loads[-1], version)


def test_a_page_that_missed_nothing() -> None:
    oracle, page = Oracle(), Played(Oracle())
    page.joined(3)
    page.event(4, 9)
    page.load(10)
    page.event(5, 10)
    page.event(6, 11)
    page.joined(8, 12, 13, recovered=True)
    assert page.ledger.faults == []
    page.joined(2, epoch="b")
    page.load(20)
    page.event(3, 21)
    assert (page.ledger.faults, oracle.faults) == ([], [])
    assert page.ledger.pages[DOCUMENT].reloads == 1


@pytest.mark.parametrize(("seq", "version"), [(5, 12), (5, 10), (5, 9)])
def test_a_change_that_is_missing_repeated_or_old(seq: int, version: int) -> None:
    page = Played(Oracle())
    page.joined(3)
    page.load(9)
    page.event(4, 10)
    page.event(seq, version)
    assert len(page.ledger.faults) >= 1


def test_a_replay_that_does_not_begin_where_the_page_was() -> None:
    page = Played(Oracle())
    page.joined(3)
    page.load(9)
    page.joined(6, 11, 12, recovered=True)
    assert "resumed after a:3" in page.ledger.faults[0]


def test_a_number_that_means_two_events() -> None:
    oracle = Oracle()
    one, two = Played(oracle, "one"), Played(oracle, "two")
    for page, version in ((one, 10), (two, 11)):
        page.joined(3)
        page.load(version - 1)
        page.event(4, version)
    assert oracle.faults == ["page.1 a:4 is o-10 for one, and o-11 for two"]


def test_ghosts_missing_people_and_what_nobody_saw() -> None:
    oracle = Oracle()

    async def never(document: str) -> int:
        await asyncio.Event().wait()
        return 0

    one, two = (Visitor(n, n, oracle, list, never, random.Random(1)) for n in ("one", "two"))
    one.want(DOCUMENT, "reading")
    two.want(DOCUMENT, "editing")
    for visitor in (one, two):
        visitor.tab = Tab.__new__(Tab)
        visitor.tab.connection = f"c.{visitor.name}"
        ghost = {"id": "ghost", "mode": "reading"}
        here = {"one": {"id": "one", "mode": "reading"}, "ghost": ghost}
        visitor.tab.views = {DOCUMENT: View(present=here, complete=True)}
    strange = oracle.strange([one, two])
    assert len(strange) == 2
    assert "ghosts {'ghost': 'reading'}, missing {'two': 'editing'}" in strange[0]
    one.said.append((DOCUMENT, "x", 4))
    assert oracle.verdict([one, two]) == ["page.1: x was confirmed as 4 and seen by nobody"]
