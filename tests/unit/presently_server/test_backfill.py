"""What `presently backfill` shows where there is no terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from presently_server import backfill
from presently_server.backfill import Lines
from producers.postgres.backfill import Progress


def test_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("presently_server.backfill.time", clock)
    show = Lines(now)
    show(Progress(1, 9))
    now += backfill.LINE_EVERY
    show(Progress(2, 9))
    show(Progress(3, 9))
    now += backfill.LINE_EVERY
    show(Progress(4, 9, "relay"))
    assert capsys.readouterr().out.splitlines() == [
        "2 of 9 rows",
        "4 of 9 rows, waits for the relay: `presently status` says whether one runs",
    ]
