from __future__ import annotations

import pytest

from gateway.line import HELD_BYTES, Line, Moved
from schemas.presence import Position
from tests.unit.gateway.making import DOC, E1, E2, cloudevent, event


def at(seq: int, epoch: str = E1) -> Line:
    line = Line(DOC)
    line.begin(epoch, seq)
    return line


def numbers(moved: Moved) -> list[int]:
    return [seq for seq, _ in moved.events]


def test_the_next_one_is_delivered_as_it_is() -> None:
    line = at(7)
    assert line.event(E1, 8, event(8)) == Moved(events=[(8, event(8))])
    assert line.position == Position(E1, 8)


def test_older_ones_are_dropped() -> None:
    line = at(7)
    assert numbers(line.event(E1, 7, b"")) == []
    assert numbers(line.event(E1, 1, b"")) == []
    assert not line.gap


def test_newer_ones_wait_for_their_turn() -> None:
    line = at(0)
    assert numbers(line.event(E1, 3, b"3")) == []
    assert numbers(line.event(E1, 2, b"2")) == []
    assert numbers(line.event(E1, 2, b"again")) == []
    assert line.gap
    assert line.event(E1, 1, b"1").events == [(1, b"1"), (2, b"2"), (3, b"3")]
    assert not line.gap


def test_before_the_first_position_everything_waits() -> None:
    line = Line(DOC)
    assert not line.known
    assert line.position is None
    for seq in (5, 4, 6):
        assert numbers(line.event(E1, seq, b"")) == []
    assert numbers(line.begin(E1, 4)) == [5, 6]
    assert not line.gap


def test_an_answer_fills_the_gap_and_frees_what_waited() -> None:
    line = at(2)
    line.event(E1, 6, event(6))
    moved = line.fill(E1, 2, [cloudevent(3), cloudevent(4), cloudevent(5)], 5, asked=None)
    assert moved == Moved(events=[(n, event(n)) for n in (3, 4, 5, 6)])


def test_an_answer_that_knows_more_than_asked_is_cut() -> None:
    line = at(4)
    moved = line.fill(E1, 2, [cloudevent(3), cloudevent(4), cloudevent(5)], 5, asked=None)
    assert moved == Moved(events=[(5, event(5))])


def test_what_cannot_be_filled_is_a_reset_in_the_same_epoch() -> None:
    line = at(2)
    line.event(E1, 100, event(100))
    moved = line.fill(E1, 50, [cloudevent(n) for n in range(51, 100)], 99, asked=Position(E1, 2))
    assert moved == Moved(Position(E1, 99), [(100, event(100))])
    assert not line.gap


@pytest.mark.parametrize("asked", [None, Position(E1, 1), Position(E2, 1)])
def test_what_another_place_cannot_have_is_asked_for_from_ours(asked: Position | None) -> None:
    line = at(2)
    assert line.fill(E1, 3, [], 3, asked=asked) == Moved()
    assert (line.position, line.gap) == (Position(E1, 2), True)
    moved = line.fill(E1, 2, [cloudevent(3)], 3, asked=Position(E1, 2))
    assert moved == Moved(events=[(3, event(3))])
    assert not line.gap


def test_an_answer_that_knows_less_changes_nothing() -> None:
    line = at(9)
    assert line.fill(E1, 3, [cloudevent(4)], 4, asked=None) == Moved()
    assert line.fill(E1, 9, [], 9, asked=None) == Moved()
    assert line.position == Position(E1, 9)


def test_the_first_answer_is_the_beginning() -> None:
    line = Line(DOC)
    assert line.fill(E1, 3, [cloudevent(4)], 4, asked=None) == Moved()
    assert line.position == Position(E1, 4)


def test_a_new_epoch_begins_anew() -> None:
    line = at(9)
    line.event(E2, 2, b"2")
    assert line.gap
    assert line.restart(E2, 0) == Moved(Position(E2, 0))
    assert line.event(E2, 1, b"1").events == [(1, b"1"), (2, b"2")]


def test_the_first_event_of_a_new_epoch_says_so_itself() -> None:
    line = at(9)
    assert line.event(E2, 1, b"1") == Moved(Position(E2, 0), [(1, b"1")])
    assert line.restart(E2, 0) == Moved()


def test_an_older_epoch_is_no_news() -> None:
    line = at(3, E2)
    assert line.restart(E1, 0) == Moved()
    assert line.event(E1, 4, b"") == Moved()
    assert line.fill(E1, 3, [cloudevent(4)], 4, asked=None) == Moved()
    assert line.position == Position(E2, 3)
    assert not line.gap


def test_an_answer_in_a_new_epoch_is_a_reset() -> None:
    line = at(9)
    assert line.fill(E2, 1, [cloudevent(2)], 2, asked=None) == Moved(Position(E2, 2))


def test_a_reset_before_any_position_is_the_beginning() -> None:
    line = Line(DOC)
    assert line.restart(E1, 3) == Moved()
    assert line.position == Position(E1, 3)


def test_what_is_held_is_bounded_and_what_did_not_fit_is_not_forgotten() -> None:
    line = at(0)
    half = b"x" * (HELD_BYTES // 2)
    line.event(E1, 2, half)
    line.event(E1, 3, half)
    line.event(E1, 4, half)
    assert numbers(line.event(E1, 1, b"1")) == [1, 2, 3]
    assert line.gap
    assert numbers(line.fill(E1, 3, [cloudevent(4)], 4, asked=None)) == [4]
    assert not line.gap


def test_it_knows_under_whom_it_got_where_it_is() -> None:
    line = at(7)
    for seq, generation, reached in ((8, 1, 1), (8, 2, 1), (10, 2, 1), (9, 3, 3)):
        position = line.position
        line.event(E1, seq, event(seq))
        line.moved(position, generation)
        assert line.reached == reached
