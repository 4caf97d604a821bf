"""The event envelope."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import pytest

from schemas import events, limits
from schemas.errors import InvalidEvent
from schemas.ids import document_id

CHANGE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "o1-7-99",
    "source": "/pg/main/shop",
    "type": "presently.change",
    "subject": "article.42",
    "time": "2026-11-22T12:30:11.123000Z",
    "actor": "fry",
    "data": {"op": "u", "entity": "article", "key": {"id": 42}, "changed": ["title"]},
    "traceparent": "00-a-b-01",
}


def body(**changes: Any) -> bytes:
    event = CHANGE | changes
    return json.dumps({name: value for name, value in event.items() if value != "GONE"}).encode()


def test_an_event_is_forwarded_as_it_was_written() -> None:
    event = events.parse_event(body())
    assert (event.document, event.id, event.type) == ("article.42", "o1-7-99", "presently.change")
    assert event.json == body()


def test_msgpack_becomes_the_same_event_as_json() -> None:
    event = events.parse_event(msgpack.packb(CHANGE), events.MSGPACK_TYPE)
    assert json.loads(event.json) == CHANGE


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"source": "GONE"}, "source"),
        ({"type": "has space"}, "type"),
        ({"type": "presently.rumour"}, "type"),
        ({"type": "t" * 121}, "type"),
        ({"subject": "article/42"}, "subject"),
        ({"data": [1]}, "data"),
        ({"data": {"op": "z", "entity": "a"}}, "data.op"),
        ({"data": {"op": "u"}}, "data.entity"),
        ({"data": {"op": "u", "entity": "a", "key": 4}}, "data.key"),
        ({"data": "GONE"}, "data.op"),
        ({"actor": 4}, "actor"),
        ({"type": "note.added", "data": {"x": "y" * limits.BACKEND_DATA_BYTES}}, "data"),
    ],
    ids=str,
)
def test_the_first_fault_is_named(changes: dict[str, Any], at: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        events.parse_event(body(**changes))
    assert caught.value.at == at


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b"{" * 60_000, b" " * 100_000])
def test_what_is_no_event_at_all(body: bytes) -> None:
    with pytest.raises(InvalidEvent):
        events.parse_event(body)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x91" * 2000, msgpack.packb({1: 2})])
def test_what_is_no_msgpack_event(body: bytes) -> None:
    with pytest.raises(InvalidEvent):
        events.parse_event(body, events.MSGPACK_TYPE)


def test_an_application_owns_its_types_and_data() -> None:
    event = events.parse_event(body(type="comment.added", data={"anything": [1, {"at": "all"}]}))
    assert event.type == "comment.added"


def test_a_new_event_passes_its_own_check() -> None:
    event = events.new_event(
        document=document_id("article", "42"),
        type="cursor.moved",
        id="1",
        source="/connection/c.1",
        time="2026-11-22T12:30:11Z",
        actor="leela",
        data=b'{"x":3}',
    )
    assert events.parse_event(event.json) == event
    assert json.loads(event.json)["actor"] == "leela"
