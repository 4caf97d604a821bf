"""No shard holds more than half a second of work."""

from producers.postgres.pace import LEAST, Pace


def test_a_shard_we_know_nothing_of_may_have_one_prefetch() -> None:
    pace = Pace()
    assert pace.fits([3] * 1000) == LEAST
    pace.sent([3] * 200)
    assert pace.fits([3] * 1000) == LEAST - 200
    assert pace.room(4) == LEAST


def test_the_first_full_shard_stops_the_line_since_order_is_kept() -> None:
    pace = Pace()
    pace.sent([3] * LEAST)
    assert pace.fits([4, 4, 3, 4]) == 2


def test_a_look_makes_room_for_what_was_served() -> None:
    pace = Pace()
    pace.sent([3] * LEAST)
    pace.looked(3, 100, now_ms=0)
    assert pace.room(3) == LEAST - 100


def test_a_fast_worker_may_hold_half_a_second_of_its_own_speed() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=0)
    pace.sent([3] * 256)
    pace.looked(3, 56, now_ms=100)  # 200 in 100 ms: 2000 a second
    assert pace.room(3) == 1000 - 56


def test_a_worker_that_stopped_gets_nothing_more() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=0)
    pace.sent([3] * 256)
    for now in range(100, 10_000, 100):
        pace.looked(3, 256, now_ms=now)
    assert pace.room(3) == 0


def test_an_idle_worker_is_not_taken_for_a_slow_one() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=0)
    pace.sent([3] * 256)
    pace.looked(3, 0, now_ms=50)  # 5120 a second at least
    pace.sent([3])
    pace.looked(3, 0, now_ms=60_000)
    assert pace.room(3) == 2560


def test_a_clock_that_stands_still_teaches_nothing() -> None:
    pace = Pace()
    pace.looked(3, 0, now_ms=5)
    pace.sent([3] * 256)
    pace.looked(3, 10, now_ms=5)
    assert pace.room(3) == LEAST - 10
