"""Pauses before trying again."""

from broker.backoff import FIRST, LONGEST, pause


def test_luck_decides_between_nothing_and_the_limit() -> None:
    assert pause(0, 0.0) == 0.0
    assert pause(0, 0.5) == FIRST / 2
    assert pause(3, 0.5) == FIRST * 4


def test_no_pause_is_longer_than_the_longest() -> None:
    assert max(pause(attempt, 0.999) for attempt in range(2000)) < LONGEST
    assert pause(10**6, 0.5) == LONGEST / 2
