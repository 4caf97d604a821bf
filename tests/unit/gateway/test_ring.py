from __future__ import annotations

from gateway.ring import BYTES, Ring
from schemas import limits
from tests.unit.gateway.making import DOC, cloudevent, event


def test_it_tells_what_came_after() -> None:
    ring = Ring(5)
    ring.append(event(6))
    ring.append(event(7))
    assert ring.after(5) == [event(6), event(7)]
    assert ring.after(7) == []
    assert ring.after(4) is None
    assert ring.after(8) is None
    assert (ring.start, ring.end) == (5, 7)


def test_the_oldest_go_first() -> None:
    ring = Ring(0)
    for n in range(1, limits.REPLAY_EVENTS + 11):
        ring.append(event(n))
    assert ring.start == 10
    assert ring.after(9) is None
    assert len(ring.after(10) or []) == limits.REPLAY_EVENTS


def test_bytes_are_bounded_too() -> None:
    ring = Ring(0)
    for _ in range(4):
        ring.append(b"x" * (BYTES // 3))
    assert (ring.start, ring.end) == (1, 4)
    assert ring.size <= BYTES


def test_older_events_are_put_before() -> None:
    ring = Ring(5)
    ring.append(event(6))
    ring.reach_back(DOC, 2, [cloudevent(n) for n in (3, 4, 5, 6)])
    assert ring.after(2) == [event(n) for n in (3, 4, 5, 6)]
    assert ring.size == sum(len(event(n)) for n in (3, 4, 5, 6))


def test_what_leaves_a_hole_is_not_put_before() -> None:
    ring = Ring(5)
    ring.reach_back(DOC, 2, [cloudevent(3)])
    ring.reach_back(DOC, 5, [cloudevent(6)])
    assert (ring.start, ring.end) == (5, 5)


def test_reaching_back_keeps_the_newest_that_fit() -> None:
    ring = Ring(limits.REPLAY_EVENTS + 5)
    ring.reach_back(DOC, 0, [cloudevent(n) for n in range(1, limits.REPLAY_EVENTS + 6)])
    assert ring.start == 5


def test_it_forgets() -> None:
    ring = Ring(0)
    ring.append(event(1))
    ring.restart(40)
    assert ring.after(40) == []
    assert ring.after(0) is None
    assert ring.size == 0
