"""What both publishers do before anything is sent."""

from __future__ import annotations

import pytest

from presently import InvalidEvent, PresentlyError, Publisher, SyncPublisher


@pytest.mark.parametrize("kind", [Publisher, SyncPublisher])
@pytest.mark.parametrize("url", ["", "article.42", "redis://127.0.0.1", "http:///v1"])
def test_an_address_that_is_none_is_refused(
    url: str, kind: type[Publisher | SyncPublisher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESENTLY_URL", raising=False)
    with pytest.raises(PresentlyError):
        kind(url, source="/shop")


@pytest.mark.parametrize("source", ["", "s" * 257])
def test_a_source_is_needed(source: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        Publisher("memory://", source=source)
    assert caught.value.at == "source"


async def test_a_broker_cannot_tell_presence_and_says_who_can() -> None:
    with pytest.raises(PresentlyError, match="HTTP API"):
        await Publisher("amqp://127.0.0.1:1", source="/shop").presence("article.42")
    with pytest.raises(PresentlyError, match="HTTP API"):
        SyncPublisher("amqp://127.0.0.1:1", source="/shop").presence("article.42")


async def test_a_document_is_checked_before_anybody_is_asked() -> None:
    with pytest.raises(InvalidEvent):
        await Publisher("http://127.0.0.1:1", source="/shop").presence("article/42")
    with pytest.raises(InvalidEvent):
        SyncPublisher("http://127.0.0.1:1", source="/shop").presence("article/42")


async def test_an_invalid_event_never_reaches_the_line() -> None:
    with pytest.raises(InvalidEvent):
        await Publisher("amqp://127.0.0.1:1", source="/shop").publish("article/42", "a.b")
