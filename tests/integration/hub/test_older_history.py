"""What a take-over does not need is read behind it; who asks for it waits, but not for ever."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from broker.declare import declare
from broker.errors import BrokerUnavailable
from broker.memory import Bus
from broker.port import Connect
from hub import behind, claim, publications
from hub.past import Past
from schemas import topology
from schemas.ids import DocumentId, slot_of
from schemas.log import At, Batch, Claim, Numbered, Record, State
from schemas.messages import AskAct
from schemas.presence import Position
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import change, event, hub, publish
from tests.support.eventually import eventually

DOCUMENT = "article.42"
SLOT = slot_of(DocumentId(DOCUMENT))
WRITTEN = 200


@pytest.fixture(autouse=True)
def _short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A take-over reads twenty records, a stretch has thirty."""
    monkeypatch.setattr(claim, "BACK", (20, 40))
    monkeypatch.setattr(behind, "STRETCH", 30)


async def written(connect: Connect, count: int = WRITTEN, *, state_every: int = 7) -> None:
    """A log of so many events, a record each."""
    broker = await connect("former")
    await declare(broker, topology.installation())
    await broker.close()
    now = int(time.time() * 1000)
    facts = [
        Numbered(
            document=DOCUMENT, epoch="k", seq=seq, source="/test", id=f"e{seq}", type="note.added",
            digest=b"", at=now, event=event(DOCUMENT, f"e{seq}"),
        )
        for seq in range(1, count + 1)
    ]  # fmt: skip
    records: list[Record] = [Claim(worker="former", nonce="n", at=now)]
    for fact in facts:
        records.append(Batch(nonce="n", n=fact.seq, facts=[fact]))
        if fact.seq % state_every == 0:
            place = At(DOCUMENT, "k", fact.seq)
            records.append(
                State(nonce="n", generation=now, places=[place], leases=[], fence=0, exchanges=[])
            )
    messages = [publications.record(SLOT, record, f"n.{n}") for n, record in enumerate(records)]
    await publish(connect, *messages)


async def asked(g: Gateway, ask: int, since: int) -> None:
    """The gateway asks for all after an event."""
    await g.act(DOCUMENT, AskAct(connection="", ask=ask, since=Position("k", since)))


async def test_who_was_away_longer_than_the_last_records_resumes(connect: Connect) -> None:
    await written(connect)
    async with gateway(connect) as g, hub(connect):
        await asked(g, 1, since=5)
        answer = await eventually(lambda: g.answered(1))
        assert answer.recovered
        found = [json.loads(body)["id"] for body in answer.events]
        assert found == [f"e{n}" for n in range(6, WRITTEN + 1)]
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "new"))
        await eventually(lambda: g.events(DOCUMENT)[-1] == (WRITTEN + 1, "new"))
        await asked(g, 2, since=0)
        assert (await eventually(lambda: g.answered(2))).recovered


async def test_long_without_a_state_it_looks_further_back(connect: Connect) -> None:
    await written(connect, state_every=70)
    async with gateway(connect) as g, hub(connect):
        await asked(g, 1, since=0)
        assert (await eventually(lambda: g.answered(1))).recovered


async def test_who_waits_in_vain_is_told_and_nobody_else_waits(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: behind.Behind, slot: int, job: object) -> Past:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(behind.Behind, "_read", never)
    await written(connect)
    async with gateway(connect) as g, hub(connect):
        await asked(g, 1, since=5)
        await asked(g, 2, since=WRITTEN - 1)
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "new"))
        await eventually(lambda: g.events(DOCUMENT) and g.answer(2))
        assert g.answer(1) is None
        answer = await eventually(lambda: g.answered(1))
        assert (answer.recovered, answer.seq) == (False, WRITTEN + 1)


async def test_what_retention_took_is_not_waited_for() -> None:
    bus = Bus(log_bytes=10_000)
    await written(bus.connect)
    async with gateway(bus.connect) as g, hub(bus.connect):
        await asked(g, 1, since=0)
        answer = await eventually(lambda: g.answered(1))
        assert not answer.recovered
        await asked(g, 2, since=WRITTEN - 20)
        assert (await eventually(lambda: g.answered(2))).recovered


async def test_the_log_that_cannot_be_read_costs_history_not_the_shard(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(broker: object, inbox: object) -> list[object]:
        raise BrokerUnavailable("silent")

    monkeypatch.setattr(behind, "take_soon", silent)
    await written(connect)
    async with gateway(connect) as g, hub(connect):
        await asked(g, 1, since=5)
        assert not (await eventually(lambda: g.answered(1))).recovered
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "new"))
        await eventually(lambda: any(heard.marks.what == "event" for heard in g.heard))
        assert {w.generation for w in g.wanted if w.slot == SLOT} == {g.heard[-1].marks.generation}


async def test_a_mistake_of_ours_costs_a_records_events_not_the_hub(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Past._number

    def buggy(self: Past, fact: Numbered) -> None:
        if fact.id == "e100":
            raise KeyError("a bug")
        real(self, fact)

    monkeypatch.setattr(Past, "_number", buggy)
    await written(connect)
    async with gateway(connect) as g, hub(connect):
        await asked(g, 1, since=5)
        await asked(g, 2, since=100)
        assert not (await eventually(lambda: g.answered(1))).recovered
        assert (await eventually(lambda: g.answered(2))).recovered
