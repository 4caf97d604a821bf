from __future__ import annotations

import pytest

from gateway.asking import REPEAT_MS
from gateway.effects import Ask
from gateway.room import Room
from schemas.limits import HOLD_MS
from schemas.presence import Position
from tests.unit.gateway.making import (
    DOC,
    E1,
    E2,
    NOW,
    answer,
    cloudevent,
    event,
    heard,
)
from tests.unit.gateway.room_making import Told, asks, live


def test_a_resume_gets_what_it_missed() -> None:
    told = Told()
    assert asks(told.join("leela", Position(E1, 38))) == [Ask(DOC, 1, Position(E1, 38))]
    (joined,) = heard(told.answer(answer(1, 41, since=38)), "leela")
    assert joined["recovered"] is True
    assert [frame["seq"] for frame in joined["events"]] == [39, 40, 41]
    assert joined["seq"] == 41


def test_a_resume_that_cannot_be_served_is_told_to_reload() -> None:
    told = Told()
    told.join("leela", Position(E1, 3))
    (joined,) = heard(told.answer(answer(1, 41)), "leela")
    assert (joined["recovered"], joined["events"], joined["seq"]) == (False, [], 41)


def test_a_resume_within_what_we_kept_is_served_at_once() -> None:
    told = live(5)
    for n in (6, 7):
        told.room.event(E1, n, event(n), [], NOW)
    (joined,) = heard(told.join("fry", Position(E1, 6)), "fry")
    assert (joined["recovered"], [e["seq"] for e in joined["events"]]) == (True, [7])
    (joined,) = heard(told.join("bender", Position(E1, 7)), "bender")
    assert (joined["recovered"], joined["events"]) == (True, [])


def test_a_resume_from_before_what_we_kept_is_asked_for() -> None:
    told = live(5)
    effects = told.join("fry", Position(E1, 2))
    (ask,) = asks(effects)
    assert ask.since == Position(E1, 2)
    effects = told.answer(answer(ask.number, 5, since=2))
    (joined,) = heard(effects, "fry")
    assert (joined["recovered"], [e["seq"] for e in joined["events"]]) == (True, [3, 4, 5])
    assert heard(effects, "leela") == []


def test_a_position_ahead_of_ours_waits_for_us() -> None:
    told = live(5)
    effects = told.join("fry", Position(E1, 6))
    assert heard(effects, "fry") == []
    (joined,) = heard(told.room.event(E1, 6, event(6), [], NOW), "fry")
    assert (joined["recovered"], joined["events"], joined["seq"]) == (True, [], 6)


def test_a_position_ahead_of_the_hub_is_told_to_reload() -> None:
    told = live(5)
    (ask,) = asks(told.join("fry", Position(E1, 9)))
    (joined,) = heard(told.answer(answer(ask.number, 5, since=5)), "fry")
    assert (joined["recovered"], joined["seq"]) == (False, 5)


def test_a_position_in_an_older_epoch_is_told_to_reload() -> None:
    told = live(5)
    told.room.restart(E2, 0, [], NOW)
    (joined,) = heard(told.join("fry", Position(E1, 5)), "fry")
    assert (joined["recovered"], joined["epoch"], joined["seq"]) == (False, E2, 0)


def test_an_old_position_does_not_spoil_it_for_newer_ones() -> None:
    told = Told()
    told.join("leela", Position(E1, 3))
    told.join("fry", Position(E1, 39))
    effects = told.answer(answer(1, 41))
    assert [f["recovered"] for f in heard(effects, "leela")] == [False]
    assert heard(effects, "fry") == []
    (ask,) = asks(told.tick(NOW))
    assert ask.since == Position(E1, 39)
    (joined,) = heard(told.answer(answer(ask.number, 41, since=39)), "fry")
    assert (joined["recovered"], len(joined["events"])) == (True, 2)


def test_nor_do_many_different_old_positions() -> None:
    told = Told()
    for n in range(6):
        told.join(f"old-{n}", Position(E1, n))
    told.join("fry", Position(E1, 39))
    (ask,) = asks(told.tick(NOW + REPEAT_MS))
    for n in range(6):
        assert ask.since == Position(E1, n)
        effects = told.answer(answer(ask.number, 41))
        assert [f["recovered"] for f in heard(effects, f"old-{n}")] == [False]
        assert heard(effects, "fry") == []
        (ask,) = asks(told.tick(NOW + REPEAT_MS))
    (joined,) = heard(told.answer(answer(ask.number, 41, since=39)), "fry")
    assert (joined["recovered"], len(joined["events"])) == (True, 2)


def test_what_one_cannot_recover_resets_nobody_else() -> None:
    told = live(10)
    (ask,) = asks(told.join("zoidberg", Position(E1, 0)))
    effects = told.answer(answer(ask.number, 11))  # Event 11 is still on its way, or was lost.
    assert [f["recovered"] for f in heard(effects, "zoidberg")] == [False]
    assert heard(effects, "leela") == []
    (ask,) = asks(told.tick(NOW + HOLD_MS))
    assert ask.since == Position(E1, 10)
    effects = told.answer(answer(ask.number, 11, since=10))
    assert [f["seq"] for f in heard(effects, "leela")] == [11]
    assert [f["seq"] for f in heard(effects, "zoidberg")] == [11]


@pytest.mark.parametrize("number", [0, 1 << 40])
def test_an_answer_to_nobody_here_resets_nobody(number: int) -> None:
    told = live(10)
    assert heard(told.answer(answer(number, 11)), "leela") == []
    (ask,) = asks(told.tick(NOW + HOLD_MS))
    assert ask.since == Position(E1, 10)
    (reset,) = heard(told.answer(answer(ask.number, 11)), "leela")
    assert (reset["type"], reset["seq"]) == ("reset", 11)


def test_a_replay_too_big_for_the_socket_is_a_reload() -> None:
    told = Told(Room(DOC, lambda peer, size: False))
    told.join("leela", Position(E1, 38))
    (joined,) = heard(told.answer(answer(1, 41, since=38)), "leela")
    assert (joined["recovered"], joined["events"]) == (False, [])


@pytest.mark.parametrize("seq", [1, 5])
def test_an_answer_brings_history_for_the_next(seq: int) -> None:
    told = Told()
    told.join("leela", Position(E1, 0))
    told.answer(answer(1, seq, since=0))
    (joined,) = heard(told.join("fry", Position(E1, 0)), "fry")
    assert [frame["event"] for frame in joined["events"]] == [
        {"n": n, "subject": DOC} for n in range(1, seq + 1)
    ]
    assert cloudevent(1).startswith(b'{"n":1')
