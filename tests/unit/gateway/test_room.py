from __future__ import annotations

from msgspec import Raw

from gateway.asking import REPEAT_MS
from gateway.effects import Ask, Unanswered
from gateway.room import PARTS_MS, Room
from gateway.summaries import Collection
from schemas import limits
from schemas.ids import SLOTS
from schemas.messages import Part
from schemas.presence import Counts, Position, Presence, User
from tests.unit.gateway.making import (
    DOC,
    E1,
    E2,
    LIST,
    NOW,
    answer,
    event,
    heard,
    presence,
    seat,
)
from tests.unit.gateway.room_making import REQUEST_MS, Told, asks, live


def test_the_first_join_asks_and_is_answered_by_the_answer() -> None:
    told = Told()
    assert told.join("leela", id=7) == [Ask(DOC, 1, None)]
    effects = told.answer(answer(1, 41, now=presence(3, "leela", "fry")))
    (joined,) = heard(effects, "leela")
    assert (joined["type"], joined["id"], joined["document"]) == ("joined", 7, DOC)
    assert (joined["epoch"], joined["seq"]) == (E1, 41)
    assert (joined["recovered"], joined["events"]) == (False, [])
    assert [user["id"] for user in joined["presence"]["users"]] == ["leela", "fry"]
    assert (joined["presence"]["v"], joined["presence"]["full"]) == (1, True)
    assert not told.room.waiting


def test_the_next_join_is_answered_from_our_copy() -> None:
    told = live(41)
    effects = told.join("fry")
    assert asks(effects) == []
    assert [frame["type"] for frame in heard(effects, "fry")] == ["joined"]
    assert heard(effects, "leela") == []


def test_joins_that_wait_together_share_one_question() -> None:
    told = Told()
    assert len(asks(told.join("leela"))) == 1
    assert asks(told.join("fry")) == []
    effects = told.answer(answer(1, 5))
    assert len(heard(effects, "leela")) == len(heard(effects, "fry")) == 1


def test_events_go_to_all_who_were_answered_and_to_readers() -> None:
    told = live(5, "leela", "fry")
    effects = told.room.event(E1, 6, event(6), ["dashboard"], NOW)
    for peer in ("leela", "fry", "dashboard"):
        assert [frame["seq"] for frame in heard(effects, peer)] == [6]


def test_who_waits_for_an_answer_hears_nothing_before_it() -> None:
    told = Told()
    told.join("leela")
    assert told.room.event(E1, 6, event(6), [], NOW) == []
    effects = told.answer(answer(1, 5))
    assert [frame["type"] for frame in heard(effects, "leela")] == ["joined"]
    assert heard(effects, "leela")[0]["seq"] == 6


def test_a_gap_is_asked_for_after_a_moment() -> None:
    told = live(5)
    assert told.room.event(E1, 8, event(8), [], NOW) == []
    assert asks(told.tick(NOW + limits.HOLD_MS - 1)) == []
    (ask,) = asks(told.tick(NOW + limits.HOLD_MS))
    assert ask.since == Position(E1, 5)
    effects = told.answer(answer(ask.number, 7, since=5))
    assert [frame["seq"] for frame in heard(effects, "leela")] == [6, 7, 8]
    assert not told.room.waiting


def test_a_gap_that_closes_by_itself_is_not_asked_for() -> None:
    told = live(5)
    told.room.event(E1, 7, event(7), [], NOW)
    told.room.event(E1, 6, event(6), [], NOW)
    assert told.tick(NOW + limits.HOLD_MS) == []
    assert not told.room.waiting


def test_a_gap_that_cannot_be_filled_is_a_reset() -> None:
    told = live(5)
    told.room.event(E1, 900, event(900), [], NOW)
    (ask,) = asks(told.tick(NOW + limits.HOLD_MS))
    frames = heard(told.answer(answer(ask.number, 899)), "leela")
    assert [(f["type"], f["seq"]) for f in frames] == [("reset", 899), ("event", 900)]


def test_a_question_is_repeated_until_it_is_answered() -> None:
    told = Told()
    told.join("leela")
    assert asks(told.tick(NOW + REPEAT_MS - 1)) == []
    assert asks(told.tick(NOW + REPEAT_MS)) == [Ask(DOC, 1, None)]
    assert len(heard(told.answer(answer(1, 5)), "leela")) == 1


def test_a_join_that_nobody_answers_is_given_up() -> None:
    told = Told()
    told.join("leela", id=3)
    assert not any(isinstance(e, Unanswered) for e in told.tick(NOW + REQUEST_MS - 1))
    (given_up,) = (e for e in told.tick(NOW + REQUEST_MS) if isinstance(e, Unanswered))
    assert given_up == Unanswered(seat("c.leela").connection, DOC, 3, seated=False)
    assert told.answer(answer(1, 5)) == []


def test_a_join_given_up_does_not_take_a_later_one_of_the_same_seat_with_it() -> None:
    told = Told()
    told.join("leela", id=3)
    told.join("leela", id=4, now=NOW + 5_000)
    (given_up,) = (e for e in told.tick(NOW + REQUEST_MS) if isinstance(e, Unanswered))
    assert (given_up.id, given_up.seated) == (3, True)
    (joined,) = heard(told.answer(answer(1, 5)), "leela")
    assert (joined["type"], joined["id"]) == ("joined", 4)


def test_an_answer_to_another_question_does_not_end_the_waiting() -> None:
    told = Told()
    told.join("leela", Position(E1, 3))
    told.answer(answer(0, 41))
    (ask,) = asks(told.tick(NOW + REPEAT_MS))
    assert ask.since == Position(E1, 3)


def test_a_reset_is_told_and_the_numbers_go_on_from_it() -> None:
    told = live(5)
    anew = told.room.restart(E2, 0, ["dashboard"], NOW)
    (reset,) = heard(anew, "leela")
    assert (reset["type"], reset["epoch"], reset["seq"]) == ("reset", E2, 0)
    assert heard(anew, "dashboard") == [reset], "a list's event may have been missed, too"
    (frame,) = heard(told.room.event(E2, 1, event(1), [], NOW), "leela")
    assert frame["seq"] == 1


def change(*users: str) -> Presence:
    said = [User(u, u, Raw(b"{}"), "reading", Raw(b"{}")) for u in users]
    return Presence(0, False, said, [], Counts(0, 0), True, None)


def test_presence_goes_to_sockets_under_our_own_count() -> None:
    told = live(5)
    effects = told.room.presence(1, 2, change("fry"), NOW)
    (frame,) = heard(effects, "leela")
    assert (frame["type"], frame["v"], frame["full"]) == ("presence", 2, False)
    (joined,) = heard(told.join("bender"), "bender")
    assert joined["presence"]["v"] == 2


def test_a_presence_that_is_missing_is_asked_for() -> None:
    told = live(5)
    assert told.room.presence(1, 4, change("fry"), NOW) == []
    (ask,) = asks(told.tick(NOW + limits.HOLD_MS))
    effects = told.answer(answer(ask.number, 5, now=presence(4, "fry")))
    (frame,) = heard(effects, "leela")
    assert (frame["v"], frame["full"]) == (2, True)


def test_who_left_hears_nothing_and_a_gone_socket_keeps_its_seat() -> None:
    told = live(5, "leela", "fry")
    told.room.leave(seat("c.leela").connection)
    told.room.detach(seat("c.fry").connection)
    effects = told.room.event(E1, 6, event(6), [], NOW)
    assert heard(effects, "leela") == heard(effects, "fry") == []
    assert list(told.room.seats) == ["c.fry"]


def test_who_leaves_while_waiting_is_told_that_it_left() -> None:
    told = Told()
    told.join("leela")
    told.join("leela", id=3)
    leela = seat("c.leela").connection
    assert told.room.leave(leela)[1] == [Unanswered(leela, DOC, 3, seated=False, left=True)]
    assert heard(told.answer(answer(1, 5)), "leela") == []


def test_a_member_nobody_sits_at_goes_on_from_the_first_event_seen() -> None:
    room: Room[str] = Room(DOC, lambda peer, size: True)
    assert len(heard(room.event(E1, 41, event(41), ["dashboard"], NOW), "dashboard")) == 1
    assert heard(room.event(E1, 41, event(41), ["dashboard"], NOW), "dashboard") == []
    assert heard(room.event(E1, 43, event(43), ["dashboard"], NOW), "dashboard") == []
    effects = room.answer(1, answer(0, 42, since=41), ["dashboard"], NOW)
    assert [frame["seq"] for frame in heard(effects, "dashboard")] == [42, 43]


def a_list() -> tuple[Told, Collection[str]]:
    members: Collection[str] = Collection("article", NOW)
    return Told(Room(LIST, lambda peer, size: True, members)), members


def part(full: bool = True) -> Part:
    return Part(collection="article", v=1, full=full, complete=True, documents=[])


def test_a_list_is_joined_when_all_parts_are_known() -> None:
    told, members = a_list()
    told.join("leela", Position(E1, 3))
    assert heard(told.answer(answer(1, 0, document=LIST)), "leela") == []
    for slot in range(SLOTS):
        members.take(slot, 1, part())
    (joined,) = heard(told.tick(NOW), "leela")
    assert joined["recovered"] is False
    assert (joined["summary"]["full"], joined["summary"]["complete"]) == (True, True)


def test_a_list_does_not_wait_for_ever_for_a_part() -> None:
    told, _ = a_list()
    told.join("leela")
    told.answer(answer(1, 0, document=LIST))
    assert heard(told.tick(NOW + PARTS_MS - 1), "leela") == []
    (joined,) = heard(told.tick(NOW + PARTS_MS), "leela")
    assert joined["summary"]["complete"] is False
