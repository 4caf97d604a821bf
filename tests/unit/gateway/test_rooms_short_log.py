"""A new owner's log lacks the end of what its predecessor told."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from gateway.effects import Effect
from gateway.rooms import Rooms
from schemas import ids
from tests.unit.gateway.making import DOC, E1, E2, NOW, answer, event, heard, marks, seat

SLOT = ids.slot_of(DOC)
OLD, NEW = 1, 2


def numbers(effects: list[Effect[str]]) -> list[int]:
    return [frame["seq"] for frame in heard(effects, "leela") if frame["type"] == "event"]


def told(rooms: Rooms[str], seq: int, generation: int, base: int, epoch: str = E1) -> list[int]:
    """The numbers Leela hears when this event is told."""
    said = replace(marks("event", seq, generation=generation, epoch=epoch), base=base)
    return numbers(rooms.hear(said, event(seq), NOW))


def at_seven() -> Rooms[str]:
    rooms: Rooms[str] = Rooms()
    rooms.join(DOC, seat("c.1"), "leela", now=NOW)
    rooms.answer(SLOT, OLD, answer(1, 6), NOW)
    assert told(rooms, 7, OLD, base=3) == [7]
    return rooms


def test_what_follows_a_number_given_twice_waits_for_the_new_epoch() -> None:
    rooms = at_seven()
    assert told(rooms, 8, NEW, base=6) == []  # Its 7 is another one, which Leela never had.
    effects = rooms.hear(marks("reset", 8, epoch=E2, generation=NEW), b"", NOW)
    assert [(said["type"], said["epoch"]) for said in heard(effects, "leela")] == [("reset", E2)]
    assert told(rooms, 9, NEW, base=0, epoch=E2) == [9]


def test_an_answer_of_such_an_owner_does_not_go_on_either() -> None:
    rooms = at_seven()
    said = msgspec.structs.replace(answer(0, 9, since=7), base=6)
    assert numbers(rooms.answer(SLOT, NEW, said, NOW)) == []


def test_until_then_the_gateway_tells_where_it_was_under_the_former_owner() -> None:
    rooms = at_seven()
    told(rooms, 8, NEW, base=6)
    (place,), _ = rooms.seats(SLOT)
    assert (place.epoch, place.seq, place.reached) == (E1, 7, OLD)


@pytest.mark.parametrize("base", [-1, 7, 8])
def test_an_owner_whose_log_has_it_all_or_that_does_not_say_is_believed(base: int) -> None:
    rooms = at_seven()
    assert told(rooms, 8, NEW, base=base) == [8]


def test_the_same_owner_may_have_told_more_than_it_began_with() -> None:
    rooms = at_seven()
    assert told(rooms, 8, OLD, base=3) == [8]
