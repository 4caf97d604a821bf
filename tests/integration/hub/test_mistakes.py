"""A bug of ours costs one message, or one thing to tell; not the shard, not the worker."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import structlog

from broker.memory import Bus
from broker.port import Connect, Outgoing
from hub import closing, decide, publications
from hub.fold import Book
from schemas import codec, topology
from schemas.ids import DocumentId, slot_of
from schemas.log import Begun
from schemas.messages import HubBeat
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import Backend, change, hub, listener, publish
from tests.support.eventually import eventually

DOCUMENT = DocumentId("article.42")
NEIGHBOUR = next(
    document
    for document in (DocumentId(f"article.{number}") for number in range(43, 999))
    if slot_of(document) == slot_of(DOCUMENT)
)
"""Of the same shard."""
DEAD = (topology.DEAD, "#")


async def poisoned(connect: Connect, g: Gateway, dead: Backend, numbered: list[str]) -> None:
    """A poison between good ones: it is dead, the good ones are shown, once and in order."""
    await g.join(DOCUMENT, "c1", "leela")
    await eventually(lambda: g.present(DOCUMENT))
    some = [change(DOCUMENT, id) for id in ("e1", "e2", "poison", "e3")]
    await publish(connect, *some)
    await publish(connect, change(DOCUMENT, "e4"))
    await eventually(lambda: [id for _, id in g.events(DOCUMENT)] == numbered)
    await eventually(lambda: [letter.body for letter in dead.taken] == [some[2].body])
    assert "the hub failed on it" in str(dead.taken[0].headers["reason"])


def trip(real: Callable[..., Any], on: Callable[..., bool]) -> Callable[..., Any]:
    """The same function with a bug."""

    def buggy(*args: Any, **more: Any) -> Any:
        if on(*args, **more):
            raise KeyError("a bug")
        return real(*args, **more)

    return buggy


async def test_a_bug_in_deciding_costs_its_message(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    buggy = trip(decide._from_producer, lambda turn, delivery: b"poison" in delivery.body)
    monkeypatch.setattr(decide, "_from_producer", buggy)
    async with hub(connect), gateway(connect) as g, listener(connect, DEAD, queue="dead") as dead:
        with structlog.testing.capture_logs() as lines:
            await poisoned(connect, g, dead, ["e1", "e2", "e3", "e4"])
            await publish(connect, *(change(DOCUMENT, f"poison{n}") for n in range(20)))
            await eventually(lambda: len(dead.taken) == 21)
        assert [line["event"] for line in lines if "mistake" in line["event"]] == ["mistake"]
        assert len({heard.marks.generation for heard in g.heard}) == 1, "nobody took over"


async def test_a_bug_in_the_line_of_effects_costs_its_message_and_an_ownership(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decided of the poison was in the log already: whoever asks gets it from there."""
    real = publications.event

    def unsendable(shard: Any, event: Any, **more: Any) -> Outgoing:
        sent = real(shard, event, **more)
        return replace(sent, key="x" * 300) if event.id == "poison" else sent

    monkeypatch.setattr(publications, "event", unsendable)
    async with (
        hub(connect, name="first"),
        hub(connect, name="second"),
        gateway(connect) as g,
        listener(connect, DEAD, queue="dead") as dead,
    ):
        await poisoned(connect, g, dead, ["e1", "e2", "poison", "e3", "e4"])


async def test_a_bug_in_telling_one_document_costs_that_document_only(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = publications.presence
    buggy = trip(real, lambda shard, document, presence: document == "article.42")
    monkeypatch.setattr(publications, "presence", buggy)
    answer = closing._answer
    monkeypatch.setattr(closing, "_answer", trip(answer, lambda s, d, ask: ask.ask == 8))
    async with hub(connect), gateway(connect) as g:
        await g.join(DOCUMENT, "c1", "leela", ask=7)
        await g.join(DOCUMENT, "c2", "fry", ask=8)
        await g.join(NEIGHBOUR, "c1", "leela", ask=9)
        await eventually(lambda: g.answered(7))
        await eventually(lambda: g.answered(9))
        await eventually(lambda: g.present(NEIGHBOUR) == {"leela": "reading"})
        assert g.answer(8) is None
        assert len({heard.marks.generation for heard in g.heard}) == 1, "nobody took over"


async def test_a_record_that_cannot_be_folded_is_passed_over(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: g.answered(1))
    fold = trip(Book._begin, lambda book, fact: fact == Begun(document=DOCUMENT, epoch=fact.epoch))
    monkeypatch.setattr(Book, "_begin", fold)
    async with hub(connect), gateway(connect, "g2") as other:
        await other.join(NEIGHBOUR, "c1", "leela", ask=1)
        await eventually(lambda: other.answered(1))


async def test_a_shard_that_keeps_failing_is_tried_ever_more_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the other fifteen are worked on."""
    bus, begun = Bus(), 0

    def bug(turn: Any, **more: Any) -> None:
        nonlocal begun
        if turn.shard.slot == 3:
            begun += 1
            raise KeyError("a bug")
        real(turn, **more)

    real = closing.begin
    monkeypatch.setattr(closing, "begin", bug)
    waits: list[int] = []

    def wait(attempt: int, luck: float) -> float:
        waits.append(attempt)
        return 0.05

    monkeypatch.setattr("hub.line.pause", wait)
    others = {str(slot) for slot in range(16) if slot != 3}
    async with hub(bus.connect), gateway(bus.connect) as g:
        await eventually(lambda: begun > 5)
        assert [wait for wait in waits if wait][:5] == [1, 2, 3, 4, 5]
        await eventually(lambda: any(others <= set(hub.shards) for hub in g.hubs.values()))


async def test_a_strangers_heartbeat_of_nonsense_is_nothing(connect: Connect) -> None:
    beat = HubBeat(worker="x", at=2**52, shards={"x": 1, "99": 2}, standing=[-3, 2**40])
    async with hub(connect), gateway(connect) as g:
        await g.publish(topology.CONTROL, "", codec.pack(beat))
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: g.answered(1))
