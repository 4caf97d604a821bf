"""Every language makes the same ids, slots and events, and a browser gets them as they were."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aio_pika
import pytest

from tests.polyglot.conftest import House
from tests.polyglot.languages import ALL, Language
from tests.polyglot.programs import publisher
from tests.support.eventually import eventually
from tests.support.stack import token
from tests.support.tab import open_tab
from tests.unit.schemas.golden import golden

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

DOCUMENTS = golden("documents")
EVENTS = golden("events")["events"]
OWN_NAMES = {"specversion", "id", "source", "type", "subject", "time", "actor", "data"}
NO_ID = DOCUMENTS["refused_ids"]


@dataclass(frozen=True)
class Sent:
    """One message at ``hub.in``."""

    key: str
    body: bytes
    content_type: str | None
    persistent: bool


@contextlib.asynccontextmanager
async def tapped(amqp_url: str) -> AsyncIterator[list[Sent]]:
    """All that is published to ``hub.in``, growing."""
    sent: list[Sent] = []
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True, arguments={"x-queue-type": "classic"})
        await queue.bind("hub.in", "#")

        async def take(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            persistent = message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
            key = message.routing_key or ""
            sent.append(Sent(key, message.body, message.content_type, persistent))

        await queue.consume(take, no_ack=True)
        yield sent


def golden_documents(language: str) -> dict[str, tuple[Any, dict[str, Any], str]]:
    """Id → words, the event and the routing key, for each row of the documents' table."""
    rows = {}
    for number, row in enumerate(DOCUMENTS["documents"]):
        id = f"{language}-d{number}"
        event = {"id": id, "type": "golden.document", "data": {"row": number}}
        key = f":{row['slot']:02d}.{row['document']}"
        rows[id] = (row["words"], event | {"subject": row["document"]}, key)
    return rows


def golden_events(language: Language) -> dict[str, dict[str, Any]]:
    """Id → event, for each row of the events' table that the language can say."""
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(EVENTS):
        event = json.loads(json.dumps(row["event"]))
        if not (language.whole or set(event) <= OWN_NAMES):
            continue
        if "pad" in row:
            event["data"]["pad"] = "x" * row["pad"]
        own = f"{language.name}-e{number}-"  # repeats of an id are shown once
        event["id"] = own + event["id"][len(own) :]
        rows[event["id"]] = event
    return rows


def lines_of(language: Language) -> list[dict[str, Any]]:
    """All of it as a program's input."""
    lines = [
        {name: value for name, value in event.items() if name != "subject"} | {"document": words}
        for words, event, _ in golden_documents(language.name).values()
    ]
    for event in golden_events(language).values():
        attributes = {name: value for name, value in event.items() if name != "subject"}
        lines.append(attributes | {"document": event["subject"]})
    return lines


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.name)
async def test_ids_slots_and_events_are_the_golden_ones(house: House, language: Language) -> None:
    documents, events = golden_documents(language.name), golden_events(language)
    wanted = {id: event for id, (_, event, _) in documents.items()} | events
    everything = token("fry", {"#": "edit"})
    async with tapped(house.amqp_url) as sent, open_tab(house.gateway.url, everything) as tab:
        for document in sorted({event["subject"] for event in wanted.values()}):
            await tab.join(document)
        ended = await publisher(language, house.urls, lines_of(language))
        assert ended.code == 0, ended
        assert [line.split()[0] for line in ended.lines] == list(wanted)

        await eventually(lambda: len(own(sent, wanted)) == len(wanted), what="all at hub.in")
        for id, message in own(sent, wanted).items():
            assert (message.content_type, message.persistent) == (
                "application/cloudevents+json",
                True,
            )
            assert_same(json.loads(message.body), wanted[id])
            if id in documents:
                assert message.key == documents[id][2]

        await eventually(lambda: set(wanted) <= set(shown(tab.raw)), what="all in the browser")
        for id, event in wanted.items():
            assert_same(shown(tab.raw)[id], event)


def own(sent: list[Sent], wanted: dict[str, Any]) -> dict[str, Sent]:
    """Of these messages those with our ids; none twice."""
    ours = [(json.loads(message.body)["id"], message) for message in sent]
    ours = [(id, message) for id, message in ours if id in wanted]
    assert len(dict(ours)) == len(ours), "an event was published twice"
    return dict(ours)


def shown(raw: list[str]) -> dict[str, Any]:
    """Id → event, of what a browser got."""
    frames = [json.loads(text) for text in raw if '"type":"event"' in text]
    return {frame["event"]["id"]: frame["event"] for frame in frames if frame["type"] == "event"}


def assert_same(event: dict[str, Any], wanted: dict[str, Any]) -> None:
    """It has all that is wanted; besides, at most what a publisher adds by itself."""
    event, wanted = dict(event), dict(wanted)
    if "time" in wanted:
        assert moment(event.pop("time")) == moment(wanted.pop("time"))
    if wanted.get("actor", "") is None:
        assert event.pop("actor", None) is None
        del wanted["actor"]
    assert {name: event.get(name) for name in wanted} == wanted
    assert set(event) - set(wanted) <= {"specversion", "source", "time", "data"}
    assert event["specversion"] == "1.0"
    assert event.get("data", {}) == wanted.get("data", {})


def moment(text: str) -> datetime:
    """RFC 3339, with as many digits as it has."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.name)
async def test_what_is_no_document_is_not_sent(house: House, language: Language) -> None:
    async with tapped(house.amqp_url) as sent:
        for document in [*DOCUMENTS["refused_words"], *NO_ID[:4]]:
            line = {"document": document, "type": "golden.refused", "data": {}}
            ended = await publisher(language, house.urls, [line])
            assert ended.code != 0, (document, ended)
            assert ended.lines == []
            assert ended.complaint
        good = {"document": "article.42", "type": "golden.last", "data": {}, "id": language.name}
        assert (await publisher(language, house.urls, [good])).code == 0
        await eventually(lambda: types(sent)[-1:] == ["golden.last"])
        assert "golden.refused" not in types(sent)


def types(sent: list[Sent]) -> list[str]:
    """Of all events."""
    return [json.loads(message.body)["type"] for message in sent]
