from hub.pace import LONG_MS, SHORT_MS, gather_ms


def test_an_idle_shard_never_waits() -> None:
    assert gather_ms(1000, 50) == 0
    assert gather_ms(0, 0) == 0


def test_a_busy_one_waits_longer_the_more_there_was() -> None:
    assert gather_ms(1, 1) == SHORT_MS
    assert gather_ms(1, 100) == LONG_MS
