from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from gateway.roster import EARLY, Roster, read_presence
from schemas import frames
from schemas.errors import MalformedMessage
from schemas.presence import Counts, Presence, User
from tests.unit.gateway.making import DOC, presence


def users(presence: Presence) -> set[str]:
    return {user.id for user in presence.users}


def change(*came: str, left: tuple[str, ...] = (), full: bool = False) -> Presence:
    users = [User(u, u.title(), Raw(b"{}"), "reading", Raw(b"{}")) for u in came]
    return Presence(0, full, users, list(left), Counts(len(came), 0), True, None)


def known() -> Roster:
    roster = Roster()
    assert [told.full for told in roster.answered(7, presence(3, "leela", "fry"))] == [True]
    return roster


def test_nothing_is_known_before_the_whole() -> None:
    roster = Roster()
    assert not roster.known
    assert roster.heard(7, 4, change("zoidberg")) == []
    assert roster.behind


def test_changes_follow_the_whole_under_our_own_count() -> None:
    roster = known()
    (told,) = roster.heard(7, 4, change("zoidberg", left=("fry",)))
    assert (told.v, told.full, users(told), told.left) == (2, False, {"zoidberg"}, ["fry"])
    assert users(roster.whole()) == {"leela", "zoidberg"}
    assert (roster.whole().v, roster.whole().full, roster.whole().left) == (2, True, [])


def test_a_change_that_came_too_early_waits() -> None:
    roster = known()
    assert roster.heard(7, 5, change("bender")) == []
    assert roster.behind
    told = roster.heard(7, 4, change(left=("fry",)))
    assert [(t.v, users(t), t.left) for t in told] == [(2, set(), ["fry"]), (3, {"bender"}, [])]
    assert not roster.behind


def test_early_ones_before_the_first_whole_follow_it() -> None:
    roster = Roster()
    roster.heard(7, 3, change("old"))
    roster.heard(7, 4, change("zoidberg"))
    told = roster.answered(7, presence(3, "leela"))
    assert [(t.full, users(t)) for t in told] == [(True, {"leela"}), (False, {"zoidberg"})]
    assert not roster.behind


def test_old_ones_and_repeats_are_dropped() -> None:
    roster = known()
    assert roster.heard(7, 3, change("ghost")) == []
    assert roster.heard(6, 99, change("ghost", full=True)) == []
    assert roster.answered(7, presence(3, "ghost")) == []
    assert users(roster.whole()) == {"leela", "fry"}
    assert not roster.behind


def test_a_new_generation_begins_with_a_whole_one() -> None:
    roster = known()
    assert roster.heard(8, 2, change("bender")) == []
    assert roster.behind
    told = roster.heard(8, 1, change("leela", full=True))
    assert [(t.v, t.full, users(t)) for t in told] == [(2, True, {"leela"}), (3, False, {"bender"})]
    assert not roster.behind


def test_an_answer_after_a_gap_is_told_whole() -> None:
    roster = known()
    roster.heard(7, 6, change("bender"))
    (told,) = roster.answered(7, presence(6, "leela", "bender"))
    assert (told.v, told.full, users(told)) == (2, True, {"leela", "bender"})
    assert not roster.behind


def test_a_presence_is_read_out_of_its_frame() -> None:
    said = change("leela", full=True)
    assert read_presence(frames.presence_frame(DOC, said)) == said
    for bad in (b"", b"[]", b'{"v":1}', b"\xff"):
        with pytest.raises(MalformedMessage):
            read_presence(bad)


def test_a_new_owner_that_waits_for_others_takes_nobody_away() -> None:
    roster = known()
    partial = msgspec.structs.replace(presence(0, "leela"), complete=False)
    assert roster.answered(8, partial) == []
    assert users(roster.whole()) == {"leela", "fry"}
    (told,) = roster.heard(8, 1, change("leela", full=True))
    assert (told.full, users(told)) == (True, {"leela"})
    fresh = Roster()
    assert [users(told) for told in fresh.answered(8, partial)] == [{"leela"}]


def test_what_came_early_is_bounded_and_what_did_not_fit_is_asked_for() -> None:
    roster = known()
    for v in range(5, 5 + 2 * EARLY):
        assert roster.heard(7, v, change(f"user{v}")) == []
    told = roster.heard(7, 4, change("amy"))
    assert [t.v for t in told] == list(range(2, 2 + 1 + EARLY))
    assert roster.heard(7, 5 + 2 * EARLY, change("last")) == []
    assert roster.behind
