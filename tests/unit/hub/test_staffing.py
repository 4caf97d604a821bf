"""One worker's share, as it hears what others do."""

from __future__ import annotations

from collections.abc import Collection

from hub.ownership import Named, table
from hub.roster import Roster
from hub.staffing import Staffing
from schemas.ids import SLOTS, Slot
from schemas.messages import Bye, HubBeat

ALL = {Slot(slot) for slot in range(SLOTS)}
PATIENCE = 1_000


class Worker:
    """A worker ``w1``, what it does and what it hears."""

    def __init__(self) -> None:
        self.roster = Roster("w1", silent_beats=3, bye_ms=0)
        self.staffing = Staffing("w1", self.roster, patience_ms=PATIENCE)
        self.working: dict[Slot, int] = {}
        self.standing: set[Slot] = set()
        self.hears("w1")
        self.hears("w1")

    def hears(
        self, worker: str, *, works: Collection[Slot] = (), stands: Collection[Slot] = ()
    ) -> None:
        shards = {str(slot): 5 for slot in works}
        beat = HubBeat(worker=worker, at=0, shards=shards, standing=sorted(stands))
        self.roster.hear(beat, 0)

    def takes_over(self, slots: Collection[Slot]) -> None:
        self.working = dict.fromkeys(slots, self.roster.beats)
        self.hears("w1", works=slots)

    def slots(self, now: int = 0) -> set[Slot]:
        return self.staffing.slots(now, working=self.working, standing=self.standing)


def where(owner: str, *workers: str, next: str = "") -> set[Slot]:
    """The slots of an owner (and next) in the table of ``w1`` and others."""
    names: list[Named] = list(table(["w1", *workers]))
    return {
        Slot(slot)
        for slot, named in enumerate(names)
        if named.owner == owner and next in ("", named.next)
    }


def test_a_worker_alone_stands_in_line_for_everything() -> None:
    assert Worker().slots() == ALL


def test_it_works_on_until_the_owner_stands_in_line() -> None:
    it = Worker()
    it.takes_over(ALL)
    theirs = where("w2", "w2")
    it.hears("w2")
    assert it.slots() == ALL
    it.hears("w2", stands=theirs)
    assert it.slots() == ALL - theirs


def test_a_newcomer_that_is_not_the_owner_gets_nothing_by_standing_in_line() -> None:
    it = Worker()
    it.takes_over(ALL)
    it.hears("w2", stands=ALL)
    assert it.slots() == where("w1", "w2")


def test_what_the_owner_said_before_a_crash_moves_nothing() -> None:
    it = Worker()
    theirs = where("w2", "w2")
    it.hears("w2", stands=theirs)
    it.takes_over(ALL)
    assert it.slots() == ALL
    it.hears("w2", stands=theirs)
    assert it.slots() == ALL - theirs


def test_nothing_is_handed_over_while_a_third_would_get_it() -> None:
    it = Worker()
    it.takes_over(ALL)
    theirs = where("w2", "w2", "w3")
    it.hears("w3", stands=theirs)
    it.hears("w2", stands=theirs)
    assert it.slots() >= theirs
    it.hears("w3")
    assert not it.slots() & theirs


def test_the_next_stands_by_when_the_owner_works() -> None:
    it = Worker()
    theirs = where("w2", "w2")
    it.hears("w2", works=theirs)
    assert it.slots() == ALL


def test_the_next_steps_aside_while_another_hands_over_to_the_owner() -> None:
    it = Worker()
    theirs = where("w2", "w2", "w3", next="w1")
    it.standing = set(theirs)
    it.hears("w3", works=theirs)
    it.hears("w2")
    assert it.slots() >= theirs
    it.hears("w2", stands=theirs)
    assert not it.slots() & theirs
    it.hears("w2", works=theirs)
    it.hears("w3")
    assert it.slots() >= theirs


def test_the_next_waits_for_the_owner_but_not_for_ever() -> None:
    it = Worker()
    theirs = where("w2", "w2")
    it.hears("w2")
    assert not it.slots(0) & theirs
    assert not it.slots(PATIENCE - 1) & theirs
    assert it.slots(PATIENCE) >= theirs


def test_who_is_not_named_leaves_the_line() -> None:
    it = Worker()
    it.standing = set(ALL)
    it.hears("w2", works=where("w2", "w2", "w3"))
    it.hears("w3", works=where("w3", "w2", "w3"))
    named = where("w1", "w2", "w3")
    named |= where("w2", "w2", "w3", next="w1") | where("w3", "w2", "w3", next="w1")
    assert it.slots() == named


def test_a_good_bye_is_believed_at_once() -> None:
    it = Worker()
    it.hears("w2", works=where("w2", "w2", "w3"))
    it.hears("w3", works=where("w3", "w2", "w3"))
    it.roster.hear(Bye(who="w2", at=0), 0)
    it.roster.hear(Bye(who="w3", at=0), 0)
    assert it.slots() == ALL


def test_a_young_worker_stands_by_and_does_not_say_so() -> None:
    it = Worker()
    assert it.staffing.said(ALL) == list(range(SLOTS))
    young = Roster("w1", silent_beats=3, bye_ms=0)
    it.staffing = Staffing("w1", young, patience_ms=PATIENCE)
    assert it.slots() == ALL
    assert it.staffing.said(ALL) == []
