from hub.bell import AGAIN_MS, SILENT_MS, Bell


def test_a_shard_that_falls_silent_is_rung_once() -> None:
    bell = Bell(0)
    assert not bell.rings(SILENT_MS - 1)
    assert bell.rings(SILENT_MS)
    assert not bell.rings(SILENT_MS + 1)


def test_a_busy_shard_is_never_rung() -> None:
    bell = Bell(0)
    for now in range(0, 10 * SILENT_MS, SILENT_MS - 1):
        assert not bell.rings(now)
        bell.heard(now, probe=False)


def test_a_probe_is_left_unacknowledged_a_minute_and_no_longer() -> None:
    bell = Bell(0)
    bell.heard(5, probe=True)
    assert bell.due == 5 + AGAIN_MS
    assert bell.rings(5 + AGAIN_MS)


def test_a_probe_before_the_last_message_rings_nothing_in() -> None:
    bell = Bell(0)
    bell.heard(5, probe=True)
    bell.heard(9, probe=False)
    assert bell.due == 9 + SILENT_MS
