"""The page of settings says what the code says."""

from __future__ import annotations

from presently_server.settings import HINTS
from presently_server.settings_page import GROUPS, PAGE, page


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m presently_server.settings_page"


def test_every_setting_is_on_it_once() -> None:
    assert sorted(name for _, group in GROUPS for name in group) == sorted(HINTS)
