from __future__ import annotations

from gateway.ratelimit import Bucket


def test_a_burst_passes_and_then_the_rate() -> None:
    bucket = Bucket(rate=50, burst=250, now=0)
    assert [bucket.take(0) for _ in range(250)] == [0] * 250
    assert bucket.take(0) == 20
    assert bucket.take(20) == 0
    assert bucket.take(20) > 0


def test_nobody_saves_up_more_than_a_burst() -> None:
    bucket = Bucket(rate=10, burst=3, now=0)
    assert [bucket.take(3_600_000) == 0 for _ in range(4)] == [True, True, True, False]


def test_a_clock_set_back_neither_gives_nor_breaks() -> None:
    bucket = Bucket(rate=10, burst=1, now=10_000)
    assert bucket.take(10_000) == 0
    assert bucket.take(5_000) == 100
    assert bucket.take(5_100) == 0
