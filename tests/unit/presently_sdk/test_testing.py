"""`recorded_events()` with `memory://`; tests/integration has it with an outbox."""

from __future__ import annotations

import pytest

from presently import Publisher, SyncPublisher
from presently.testing import recorded_events


async def test_what_is_published_in_memory_is_recorded_in_order() -> None:
    with recorded_events() as events:
        async with Publisher("memory://", source="/shop") as publisher:
            await publisher.publish("article.42", "comment.added", {"n": 1}, actor="fry")
        SyncPublisher("memory://", source="/cron").publish(["a.1", "a.2"], "report.ready")
    assert [(event["source"], event["subject"]) for event in events] == [
        ("/shop", "article.42"),
        ("/cron", "a.1"),
        ("/cron", "a.2"),
    ]
    assert events[0]["data"] == {"n": 1}
    assert events[0]["actor"] == "fry"


def test_nothing_is_recorded_before_and_after() -> None:
    publisher = SyncPublisher("memory://", source="/shop")
    publisher.publish("article.42", "before.it")
    with recorded_events() as events:
        publisher.publish("article.42", "in.it")
    publisher.publish("article.42", "after.it")
    assert [event["type"] for event in events] == ["in.it"]


def test_recordings_nest() -> None:
    publisher = SyncPublisher("memory://", source="/shop")
    with recorded_events() as outer:
        with recorded_events() as inner:
            publisher.publish("article.42", "in.both")
        publisher.publish("article.42", "outside")
    assert [event["type"] for event in inner] == ["in.both"]
    assert [event["type"] for event in outer] == ["in.both", "outside"]


def test_a_recording_ends_when_the_test_fails() -> None:
    def failing_test() -> None:
        with recorded_events():
            raise LookupError

    with pytest.raises(LookupError):
        failing_test()
    with recorded_events() as events:
        assert events == []


async def test_nobody_is_there_in_memory() -> None:
    presence = await Publisher("memory://", source="/shop").presence("article.42")
    assert (presence.document, presence.users) == ("article.42", ())
    assert SyncPublisher("memory://", source="/shop").presence("article.42").editing == 0


async def test_recording_works_in_async_code_too() -> None:
    async with recorded_events() as events:
        await Publisher("memory://", source="/shop").publish("article.42", "a.b")
    assert len(events) == 1
