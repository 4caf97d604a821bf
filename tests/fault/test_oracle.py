"""The oracle says so when something is wrong: otherwise all other tests here prove nothing."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.fault import processes
from tests.fault.fences import Fences
from tests.fault.ledger import Ledger, Page
from tests.fault.oracle import Oracle
from tests.fault.processes import complaints
from tests.fault.table import rows
from tests.fault.visitor import Visitor
from tests.support.stack import Service
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


def test_a_cursor_with_a_number() -> None:
    page = Played(Oracle())
    page.joined(3)
    page.tab.views[DOCUMENT].events.append({"id": "c", "type": "cursor.moved", "data": {}})
    page.tab.views[DOCUMENT].seq = 4
    page.ledger.hear(page.tab, {"type": "event", "document": DOCUMENT})
    assert page.ledger.faults == ["page page.1: a cursor has the number 4"]


def test_what_a_list_misses_or_repeats() -> None:
    page = Played(Oracle())
    page.tab.views.clear()

    def hear(type: str, **fields: Any) -> None:
        page.ledger.hear(page.tab, {"type": type, "document": DOCUMENT} | fields)

    for seq in (4, 5, 7, 7):
        hear("event", seq=seq)
    assert page.ledger.faults == [
        "page page.1: 7 after 5 at the list",
        "page page.1: 7 after 7 at the list",
    ]
    hear("reset", epoch="b", seq=0)
    hear("event", seq=1)
    hear("event")  # Of no consequence a moment later: it has no number.
    page.ledger.hear(page.tab, {"type": "joined", "document": "page.~"})
    hear("event", seq=9)
    assert len(page.ledger.faults) == 2


def test_pages_that_end_at_different_numbers_or_versions() -> None:
    oracle = Oracle()
    visitors = [visitor(oracle, name) for name in ("one", "two")]
    for number, each in enumerate(visitors):
        each.ledger.pages[DOCUMENT] = Page("a", 4 + number, version=9)
    assert len(oracle.apart(visitors)) == 1
    assert oracle.behind(visitors, {DOCUMENT: 9}) == []
    assert len(oracle.behind(visitors, {DOCUMENT: 10})) == 2
    assert len(oracle.lost({DOCUMENT: {10: 0.0}}, {DOCUMENT: 9})) == 1
    visitors[1].ledger.pages[DOCUMENT].seq = 4
    assert oracle.apart(visitors) == oracle.lost({DOCUMENT: {9: 0.0}}, {DOCUMENT: 9}) == []


def test_lists_that_show_too_much_too_little_or_the_wrong_ones() -> None:
    oracle = Oracle()
    people = [visitor(oracle, f"user{number}") for number in range(7)]
    for number, each in enumerate(people):
        each.want(DOCUMENT, "editing" if number == 6 else "reading")
    people[0].want("page.~", "watching")
    view = View(complete=True)
    assert people[0].tab is not None
    people[0].tab.views["page.~"] = view

    def misread() -> list[str]:
        return [fault for fault in oracle.strange(people) if "page.~: shows" in fault]

    editor, readers = (
        {"id": "user6", "mode": "editing"},
        [{"id": f"user{number}", "mode": "reading"} for number in range(4)],
    )
    row = {"counts": {"reading": 6, "editing": 1}, "users": [editor, *readers]}
    assert len(misread()) == 1, "it shows nothing"
    view.summary = {DOCUMENT: row}
    assert misread() == []
    for wrong in (
        {DOCUMENT: row, "page.2": row},
        {DOCUMENT: row | {"counts": {"reading": 7, "editing": 0}}},
        {DOCUMENT: row | {"users": [editor, *readers[1:]]}},
        {DOCUMENT: row | {"users": [*readers, {"id": "user4", "mode": "reading"}]}},
    ):
        view.summary = wrong
        assert len(misread()) == 1


def test_fences_that_shrink_are_shared_or_differ() -> None:
    fences = Fences()
    fences.grant(DOCUMENT, 5, ("fry", "c.1"), 0)
    fences.grant(DOCUMENT, 5, ("fry", "c.1"), fences.highest(DOCUMENT))
    fences.show(DOCUMENT, {"user": "fry", "fence": 5}, "page")
    fences.show(DOCUMENT, None, "page")
    assert fences.faults == []
    fences.grant(DOCUMENT, 4, ("leela", "c.2"), fences.highest(DOCUMENT))
    fences.grant(DOCUMENT, 5, ("fry", "c.3"), 0)
    fences.show(DOCUMENT, {"user": "leela", "fence": 4}, "page")
    fences.show(DOCUMENT, {"user": "leela", "fence": 5}, "another")
    assert len(fences.faults) == 4
    assert fences.apart({DOCUMENT: {"one": None, "two": {"user": "fry", "fence": 5}}})
    assert not fences.apart({DOCUMENT: {"one": None, "two": None}})


def visitor(oracle: Oracle, name: str) -> Visitor:
    """Somebody whose socket is played."""

    async def never(document: str) -> int:
        await asyncio.Event().wait()
        return 0

    made = Visitor(name, name, oracle, list, never, random.Random(1))
    made.tab = Tab.__new__(Tab)
    made.tab.connection, made.tab.views = f"c.{name}", {}
    return made


def test_ghosts_missing_people_and_what_nobody_saw() -> None:
    oracle = Oracle()
    one, two = visitor(oracle, "one"), visitor(oracle, "two")
    one.want(DOCUMENT, "reading")
    two.want(DOCUMENT, "editing")
    ghost = {"id": "ghost", "mode": "reading"}
    here = {"one": {"id": "one", "mode": "reading"}, "ghost": ghost}
    for each in (one, two):
        assert each.tab is not None
        each.tab.views[DOCUMENT] = View(present=here, complete=True)
    strange = oracle.strange([one, two])
    assert len(strange) == 2
    assert "ghosts {'ghost': 'reading'}, missing {'two': 'editing'}" in strange[0]
    one.said.append((DOCUMENT, "x", 4))
    oracle.numbered(DOCUMENT, "a", 5, "x", "one")
    assert oracle.verdict([one, two]) == ["page.1: x was confirmed as 4 and seen by nobody"]
    oracle.numbered(DOCUMENT, "b", 4, "x", "two")
    assert oracle.verdict([one, two]) == []


@pytest.mark.parametrize(
    "said",
    [
        '{"level": "error", "event": "something"}',
        '{"level": "warning", "event": "message_failed"}',
        '{"level": "info", "event": "odd", "exception": []}',
        "Traceback (most recent call last):",
    ],
)
def test_a_process_that_complains(tmp_path: Path, said: str) -> None:
    service = Service("hub", 0, tmp_path, {})
    process = SimpleNamespace(pid=os.getpid(), returncode=None)
    service.process = cast(asyncio.subprocess.Process, process)
    service.output.write_text('{"level": "error", "event": "the broker is away"}\nhello\n')
    assert complaints([service], set()) == []
    service.output.write_text(said + "\n")
    assert len(complaints([service], set())) == 1


def test_the_table_takes_the_median_of_medians_and_the_worst_of_all() -> None:
    lines = ['["a", 1.0, 2.0]', '["b", 5.0, 6.0]', '["a", 3.0, 3.5]', '["a", 2.0, 9.0]']
    assert rows(lines)[2:] == ["| a | 2.0 s | 9.0 s | 3 |", "| b | 5.0 s | 6.0 s | 1 |"]


def test_a_process_that_died_or_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service("hub", 0, tmp_path, {})
    service.output.write_text("")
    process = SimpleNamespace(pid=os.getpid(), returncode=None)
    service.process = cast(asyncio.subprocess.Process, process)
    monkeypatch.setattr(processes, "RESIDENT_BYTES", 2**20)
    assert "MiB resident" in complaints([service], set())[0]
    process.returncode = -9
    assert complaints([service], set()) == ["hub 0 died with -9"]
    assert complaints([service], {"hub 0"}) == []
