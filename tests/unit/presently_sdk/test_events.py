"""The SDK's envelope, held to the hub's by one table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from presently import InvalidEvent, PresentlyError, events
from schemas import errors
from schemas.events import parse_event
from tests.unit.schemas.golden import golden

GOLDEN = golden("events")
WHOLE: dict[str, Any] = {"source": "/shop", "actor": None, "id": None, "time": None}


def event_of(row: dict[str, Any]) -> Any:
    event = row["event"]
    if "pad" in row:
        event["data"]["pad"] = "x" * row["pad"]
    return event


@pytest.mark.parametrize("row", GOLDEN["events"], ids=lambda row: row["name"])
def test_sdk_and_hub_take_the_same_events(row: dict[str, Any]) -> None:
    event = event_of(row)
    body = events.check(event)
    taken = parse_event(body)
    assert json.loads(body) == event
    assert (taken.document, taken.id, taken.type) == (event["subject"], event["id"], event["type"])


@pytest.mark.parametrize("row", GOLDEN["refused"], ids=lambda row: row["name"])
def test_sdk_and_hub_refuse_the_same_events_at_the_same_place(row: dict[str, Any]) -> None:
    event = event_of(row)
    with pytest.raises(InvalidEvent) as ours:
        events.check(event)
    with pytest.raises(errors.InvalidEvent) as theirs:
        parse_event(json.dumps(event).encode())
    assert ours.value.at == theirs.value.at == row["at"]


def test_every_document_gets_its_own_event_under_one_id() -> None:
    messages = events.write(["article.42", "user.leela", "article.42"], "a.b", {"n": 1}, **WHOLE)
    assert [message.document for message in messages] == ["article.42", "user.leela"]
    assert len({message.id for message in messages}) == 1
    assert [json.loads(each.body)["subject"] for each in messages] == ["article.42", "user.leela"]


def test_ids_are_new_each_time_unless_given() -> None:
    ids = {events.write("article.42", "a.b", None, **WHOLE)[0].id for _ in range(100)}
    assert len(ids) == 100
    assert events.write("article.42", "a.b", None, **WHOLE | {"id": "mine"})[0].id == "mine"


def test_time_is_utc_and_needs_a_zone() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=1)))
    message = events.write("article.42", "a.b", None, **WHOLE | {"time": noon})[0]
    assert json.loads(message.body)["time"] == "2026-11-22T11:00:00Z"
    with pytest.raises(InvalidEvent, match="time zone"):
        events.write("article.42", "a.b", None, **WHOLE | {"time": noon.replace(tzinfo=None)})


@pytest.mark.parametrize(
    "data", [{"n": float("nan")}, {"n": Decimal(1)}, {"n": datetime.now(UTC)}, {"n": "\ud800"}]
)
def test_what_json_cannot_hold_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(InvalidEvent) as caught:
        events.write("article.42", "a.b", data, **WHOLE)
    assert caught.value.at == "data"


@pytest.mark.parametrize(("documents", "type"), [([], "a.b"), ("article", "a.b"), ("a.b", "a b")])
def test_nonsense_is_refused(documents: Any, type: str) -> None:
    with pytest.raises(InvalidEvent):
        events.write(documents, type, None, **WHOLE)


def test_an_invalid_event_is_a_value_error_of_ours() -> None:
    assert issubclass(InvalidEvent, PresentlyError)
    assert issubclass(InvalidEvent, ValueError)
    assert str(InvalidEvent("data.op", "unknown")) == "data.op: unknown"
    assert str(InvalidEvent("", "too large")) == "too large"
