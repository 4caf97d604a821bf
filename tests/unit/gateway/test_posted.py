from __future__ import annotations

import msgpack
import msgspec
import pytest

from gateway.posted import BATCH_EVENTS, InvalidPost, Unreadable, read_events
from schemas.events import BATCH_TYPE, JSON_TYPE, MSGPACK_TYPE
from tests.unit.gateway.making import DOC

EVENT = {"specversion": "1.0", "id": "1", "source": "/t", "type": "said", "subject": DOC}
BODY = msgspec.json.encode(EVENT)


@pytest.mark.parametrize(
    "kind", [JSON_TYPE, "application/json", f"{JSON_TYPE}; charset=utf-8", JSON_TYPE.upper()]
)
def test_one_event(kind: str) -> None:
    (event,) = read_events(BODY, kind)
    assert (event.document, event.json) == (DOC, BODY)


def test_one_event_in_msgpack() -> None:
    (event,) = read_events(msgpack.packb(EVENT), MSGPACK_TYPE)
    assert msgspec.json.decode(event.json) == EVENT


def test_a_batch() -> None:
    events = read_events(msgspec.json.encode([EVENT, {**EVENT, "id": "2"}]), BATCH_TYPE)
    assert [event.id for event in events] == ["1", "2"]
    assert read_events(b"[]", BATCH_TYPE) == []


def test_one_bad_event_spoils_the_batch_and_is_named() -> None:
    body = msgspec.json.encode([EVENT, {**EVENT, "subject": "x"}, {}])
    with pytest.raises(InvalidPost) as caught:
        read_events(body, BATCH_TYPE)
    assert (caught.value.index, caught.value.fault.at) == (1, "subject")


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff", b"[{}" + b",{}" * BATCH_EVENTS + b"]"])
def test_what_is_no_batch(body: bytes) -> None:
    with pytest.raises(InvalidPost) as caught:
        read_events(body, BATCH_TYPE)
    assert caught.value.index is None


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_other_types_are_not_read(kind: str) -> None:
    with pytest.raises(Unreadable):
        read_events(BODY, kind)
