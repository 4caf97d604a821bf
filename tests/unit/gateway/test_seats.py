from __future__ import annotations

import pytest

from gateway import seats as module
from gateway.seats import SETTLE_MS, SUCCESSOR_MS, Away
from schemas.ids import ConnectionId
from tests.unit.gateway.making import DOC, LIST, NOW, seat

OLD = ConnectionId("c.old")
GRACE = 10_000


def gone(away: Away, user: str = "leela", now: int = NOW) -> None:
    away.gone(OLD, user, [DOC, LIST], GRACE, "lost", now)


def test_seats_are_kept_for_the_grace_and_end_once() -> None:
    away = Away()
    gone(away)
    assert OLD in away
    assert away.due(NOW + GRACE - 1) == []
    assert away.due(NOW + GRACE) == [(OLD, [DOC, LIST], "lost")]
    assert away.due(NOW + 2 * GRACE) == []
    assert OLD not in away


def test_who_had_no_seat_is_not_kept() -> None:
    away = Away()
    away.gone(OLD, "leela", [], GRACE, "lost", NOW)
    assert OLD not in away


def test_a_successor_takes_over_where_it_joins_and_ends_the_rest_soon() -> None:
    away = Away()
    gone(away)
    away.succeeded(OLD, "leela", NOW)
    assert away.take_over(OLD, "leela", DOC)
    assert not away.take_over(OLD, "leela", DOC)
    assert away.due(NOW + SETTLE_MS - 1) == []
    assert away.due(NOW + SETTLE_MS) == [(OLD, [LIST], "lost")]


def test_taking_over_everything_leaves_nothing() -> None:
    away = Away()
    gone(away)
    assert away.take_over(OLD, "leela", DOC)
    assert away.take_over(OLD, "leela", LIST)
    assert OLD not in away


def test_another_user_is_no_successor() -> None:
    away = Away()
    gone(away)
    away.succeeded(OLD, "fry", NOW)
    assert not away.take_over(OLD, "fry", DOC)
    assert away.due(NOW + GRACE - 1) == []


def test_a_successor_that_was_quicker_than_the_close_counts() -> None:
    away = Away()
    away.succeeded(OLD, "leela", NOW)
    gone(away, now=NOW + SUCCESSOR_MS)
    assert away.due(NOW + SUCCESSOR_MS + SETTLE_MS) == [(OLD, [DOC, LIST], "lost")]


def test_a_duplicated_tab_does_not_steal_a_seat_later() -> None:
    away = Away()
    away.succeeded(OLD, "leela", NOW)
    gone(away, now=NOW + SUCCESSOR_MS + 1)
    assert away.due(NOW + SUCCESSOR_MS + 1 + SETTLE_MS) == []
    assert away.due(NOW + SUCCESSOR_MS + 1 + GRACE) != []


def test_a_seat_is_told_whole() -> None:
    told = seat("c.1", "fry", "editing").told(DOC)
    assert (told.document, told.connection, told.user, told.name) == (DOC, "c.1", "fry", "Fry")
    assert (told.mode, told.info, told.state, told.away) == ("editing", b"{}", b"{}", False)


def test_anothers_claim_takes_nothing_from_the_right_successor() -> None:
    """Connections' names are no secret: they are in the ``source`` of every event."""
    away = Away()
    away.succeeded(OLD, "leela", NOW)
    away.succeeded(OLD, "zoidberg", NOW + 1)
    away.gone(OLD, "leela", [DOC], 10_000, "closed", NOW + 2)
    assert away.due(NOW + 2 + SETTLE_MS) == [(OLD, [DOC], "closed")]


def test_claims_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NAMED", 2)
    away = Away()
    for n in range(3):
        away.succeeded(ConnectionId(f"c.{n}"), "leela", NOW)
    for n in range(3):
        away.gone(ConnectionId(f"c.{n}"), "leela", [DOC], 10_000, "lost", NOW)
    assert [c for c, _, _ in away.due(NOW + SETTLE_MS)] == ["c.1", "c.2"], "the oldest is forgotten"
