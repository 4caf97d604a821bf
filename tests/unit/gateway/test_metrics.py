from __future__ import annotations

from gateway import metrics
from tests.unit.gateway.making import NOW
from tests.unit.gateway.sockets import switchboard, welcomed


def test_a_browser_cannot_make_a_series_for_every_code() -> None:
    labels = {metrics.close_code(code) for code in range(1000, 5000)}
    assert {"1000", "1006", "4000", "4100", "4413", "other"} <= labels
    assert len(labels) < 40


async def test_a_socket_s_end_is_counted_under_such_a_label() -> None:
    board = switchboard()
    for code, label in ((4321, "other"), (4401, "4401")):
        counted = metrics.CLOSES.labels(label)
        before = counted._value.get()
        board.gone(welcomed(board).socket, code, "closed", NOW)
        assert counted._value.get() == before + 1
    told = {sample.labels.get("code") for one in metrics.CLOSES.collect() for sample in one.samples}
    assert "4321" not in told
