"""What an outbox takes: refused here, where it is an exception and not the end of a transaction."""

from __future__ import annotations

import pytest

from presently import limits
from presently.errors import InvalidEvent
from presently.events import DATA_BYTES


def test_an_actor_has_so_many_bytes_and_no_nul() -> None:
    limits.check({}, "é" * (limits.ACTOR_BYTES // 2))
    for actor in ("é" * (limits.ACTOR_BYTES // 2) + "x", "a\0b"):
        with pytest.raises(InvalidEvent, match="actor"):
            limits.check({}, actor)


def test_data_are_measured_as_postgresql_writes_them() -> None:
    text = "x" * (DATA_BYTES - len('{"a": 1, "b": ""}'))
    limits.check({"a": 1, "b": text}, None)
    with pytest.raises(InvalidEvent, match="data"):
        limits.check({"a": 1, "b": text + "x"}, None)


def test_a_nul_is_found_wherever_it_is_and_its_name_is_none() -> None:
    for data in ({"a": ["b", {"c": "\0"}]}, {"\0": 1}, {"a": ("\0",)}):
        with pytest.raises(InvalidEvent, match="data"):
            limits.check(data, None)
    limits.check({"a": "\\u0000"}, None)


def test_texts_that_do_not_fit_are_left_out() -> None:
    assert limits.texts_that_fit({"en": {"title": "x"}}) == {"texts": {"en": {"title": "x"}}}
    left_out = limits.texts_that_fit({"en": {"title": "x" * limits.TEXTS_BYTES}})
    assert left_out == {"texts": {}, "omitted": ["texts"]}
