"""When a cursor cannot be gone on from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from producers.postgres.timeline import Found, Place, Reached, broken

HERE = Place("7395", 16384, 1)
FOUND = Found(HERE, HERE, Reached("e1", 100), next_transaction=100, newest_id=7, known_id=7)


def test_all_is_as_it_was() -> None:
    for remembered in (None, Reached("e1", 100), Reached("e1", 90), Reached("another", 900)):
        assert broken(FOUND, remembered) == ""


def test_nobody_had_looked() -> None:
    assert broken(replace(FOUND, before=None), None) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"place": Place("7396", 16384, 1)}, "another server"),
        ({"place": Place("7395", 16385, 1)}, "a copy of the database"),
        ({"place": Place("7395", 16384, 2)}, "timeline 1, now 2"),
        ({"next_transaction": 99}, "transactions went back (from 100 to 99)"),
        ({"newest_id": 6}, "ids of the outbox went back (from 7 to 6)"),
        ({"reached": Reached("e1", 80)}, "restored to an earlier moment"),
    ],
)
def test_it_is_not_where_it_was(changes: dict[str, Any], why: str) -> None:
    assert why in broken(replace(FOUND, **changes), Reached("e1", 81))
