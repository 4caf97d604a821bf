from __future__ import annotations

from msgspec import structs

from gateway.seats import SETTLE_MS, SUCCESSOR_MS, Away, fit
from schemas import codec, messages
from schemas.ids import ConnectionId
from schemas.limits import BUS_BYTES
from schemas.presence import Mode
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


def many(count: int, mode: Mode = "reading", info: bytes = b"{}") -> list[messages.Seat]:
    seats = [seat(f"c.{n}", f"user-{n}", mode).told(DOC) for n in range(count)]
    return [structs.replace(one, info=info) for one in seats]


def test_a_roll_that_fits_is_left_alone() -> None:
    seats = many(100, info=b'{"a":1}')
    assert fit(seats) == seats


def test_a_roll_too_big_for_the_bus_leaves_out_what_readers_show() -> None:
    info = b'{"a":"%s"}' % (b"x" * 1000)
    seats = [*many(20_000, info=info), *many(10, "editing", info)]
    assert sum(len(one.info) for one in seats) > BUS_BYTES
    fitting = fit(seats)
    assert [one.connection for one in fitting] == [one.connection for one in seats]
    assert all(one.info == info for one in fitting[-10:])
    said = messages.Seats(
        gateway="g", term=1, slot=3, at=0, places=[], seats=fitting, collections=[]
    )
    body = codec.pack(said)
    assert len(body) < BUS_BYTES * 2 // 3
    assert len(body) > BUS_BYTES // 3  # As much as fits is there.
    assert messages.read_to_shard(body) == said
