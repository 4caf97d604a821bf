from __future__ import annotations

from gateway.asking import REPEAT_MS, Asking, earliest, serves
from gateway.effects import Ask
from schemas.presence import Position
from tests.unit.gateway.making import DOC, E1, E2, NOW


def test_a_question_is_repeated_under_its_number() -> None:
    asking = Asking()
    asking.by(NOW + 100)
    asking.by(NOW + 200)
    assert asking.at == NOW + 100
    assert asking.put(DOC, 1, None, NOW) == Ask(DOC, 1, None)
    assert asking.at == NOW + REPEAT_MS
    assert asking.put(DOC, 2, None, NOW) == Ask(DOC, 1, None)


def test_another_question_gets_another_number() -> None:
    asking = Asking()
    asking.put(DOC, 1, None, NOW)
    assert asking.put(DOC, 2, Position(E1, 3), NOW).number == 2
    asking.answered()
    assert (asking.at, asking.number) == (None, 0)
    assert asking.put(DOC, 3, Position(E1, 3), NOW).number == 3


def test_the_earliest_place_of_the_newest_epoch_serves_most() -> None:
    assert earliest([]) is None
    assert earliest([None, None]) is None
    places = [Position(E1, 1), None, Position(E2, 9), Position(E2, 4)]
    assert earliest(places) == Position(E2, 4)


def test_whom_an_answer_serves() -> None:
    assert serves(None, None)
    assert serves(Position(E1, 5), None)
    assert serves(Position(E1, 5), Position(E1, 5))
    assert serves(Position(E1, 5), Position(E1, 9))
    assert not serves(Position(E1, 5), Position(E1, 4))
    assert serves(Position(E2, 5), Position(E1, 1))
    assert not serves(Position(E1, 5), Position(E2, 9))
    assert not serves(None, Position(E1, 1))
