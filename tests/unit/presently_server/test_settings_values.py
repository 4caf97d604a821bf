"""From text to values."""

from __future__ import annotations

import pytest

from presently_server.settings_values import Listen, duration, listen, words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("0", 0), ("500ms", 0.5), ("1.5m", 90), ("1 h", 3600), ("2d", 172800)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "5 weeks", "ms", "1e3"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


def test_addresses_are_written_as_they_are_read() -> None:
    for text in ("127.0.0.1:8001", "[::1]:8001", "gateway:1"):
        assert str(listen(text)) == text
    assert listen(":8001") == Listen("0.0.0.0", 8001)


def test_words_are_separated_by_commas_and_lines() -> None:
    assert words(" a,b\nc , ,\n") == ("a", "b", "c")
