"""A table is truncated, or a database restored: documents in every shard begin anew, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from broker.errors import ChannelLost
from broker.port import Broker, Channel, Connect, Outgoing
from hub import decide, metrics
from schemas import codec, messages, topology
from schemas.ids import SLOTS, DocumentId, epoch_age, routing_key, slot_of
from schemas.log import Batch, Begun
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import Machine, change, event, hub, publish, records
from tests.support.eventually import eventually

LIST = DocumentId("article.~")
DOCUMENTS = {
    slot_of(DocumentId(f"article.{n}")): f"article.{n}" for n in range(200)
}  # one in each shard
MINE = DOCUMENTS[slot_of(LIST)]
OTHERS = [document for document in DOCUMENTS.values() if document != MINE]
RESYNC = ("presently.resync", "{}")
TRUNCATE = ("presently.change", '{"op":"t","entity":"article"}')


def told_at_list(type: str, data: str, id: str = "t1") -> Outgoing:
    return Outgoing(topology.IN, routing_key(LIST), event(LIST, id, data, type))


def resets(g: Gateway) -> dict[str, int]:
    """How often each document was reset."""
    return Counter(heard.marks.document for heard in g.heard if heard.marks.what == "reset")


async def sit_everywhere(g: Gateway, connect: Connect) -> dict[str, str]:
    """A seat at one document of each shard, and an event there. Returns their epochs."""
    for document in DOCUMENTS.values():
        await g.join(document, "c1", "leela")
    await publish(connect, *(change(document, "e1") for document in DOCUMENTS.values()))
    await eventually(lambda: all(g.events(d) == [(1, "e1")] for d in DOCUMENTS.values()))
    return {document: g.places[document].epoch for document in DOCUMENTS.values()}


def is_told(g: Gateway, document: str, before: str) -> bool:
    """Whether the gateway was told of a newer epoch."""
    return epoch_age(g.places[document].epoch) > epoch_age(before)


def begin_anew(g: Gateway, document: str, before: str) -> bool:
    """Whether the last event there is the second one, number 1 of a newer epoch."""
    return is_told(g, document, before) and g.events(document)[-1] == (1, "e2")


@pytest.mark.parametrize(("type", "data"), [TRUNCATE, RESYNC], ids=["truncate", "resync"])
async def test_documents_in_all_shards_are_reset_and_a_second_delivery_does_nothing(
    connect: Connect, type: str, data: str
) -> None:
    assert len(DOCUMENTS) == SLOTS
    async with hub(connect), gateway(connect) as g:
        before = await sit_everywhere(g, connect)
        await publish(connect, told_at_list(type, data))
        once = dict.fromkeys(DOCUMENTS.values(), 1)
        await eventually(lambda: resets(g) == once)
        said = codec.pack(messages.Renew(collection="article", source="/test", id="t1"))
        await publish(
            connect,
            told_at_list(type, data),
            *(Outgoing(topology.CLIENTS, topology.renew_key(slot), said) for slot in range(SLOTS)),
            *(change(document, "e2") for document in DOCUMENTS.values()),
        )
        await eventually(lambda: all(begin_anew(g, d, epoch) for d, epoch in before.items()))
        assert resets(g) == once
        told = {h.marks.document: h.marks for h in g.heard if h.marks.what == "reset"}
        assert all((told[d].epoch, told[d].seq) == (g.places[d].epoch, 0) for d in before)


class Dies:
    """A machine that is gone when its hub tells the other shards: before the broker has it, or when
    all of the turn is confirmed and nothing of it acknowledged."""

    def __init__(self, connect: Connect, *, before: bool) -> None:
        self._machine = Machine(connect)
        self.before = before
        self.dead = False

    async def connect(self, name: str) -> Any:
        """See ``port.Connect``."""
        return _Broker(await self._machine.connect(name), self)

    async def die(self) -> None:
        self.dead = True
        await self._machine.die()
        raise ChannelLost("this machine is gone")


class _Broker:
    def __init__(self, inner: Broker, death: Dies) -> None:
        self._inner = inner
        self._death = death

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> _Channel:
        return _Channel(await self._inner.open(), self._death)


class _Channel:
    def __init__(self, inner: Channel, death: Dies) -> None:
        self._inner = inner
        self._death = death
        self._told: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, batch: Sequence[Outgoing]) -> int:
        tells = any(one.key.endswith(".renew") for one in batch)
        if tells and self._death.before:
            await self._death.die()
        sent = await self._inner.send(batch)
        self._told = sent if tells else self._told
        return sent

    async def confirmed(self, upto: int) -> None:
        await self._inner.confirmed(upto)
        if self._told is not None and upto >= self._told:
            await self._death.die()

    async def __aenter__(self) -> _Channel:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._inner.close()


@pytest.mark.parametrize("before", [True, False], ids=["before it is published", "after"])
async def test_who_is_killed_as_it_tells_the_others_leaves_it_to_the_next_and_nobody_does_it_twice(
    connect: Connect, before: bool
) -> None:
    dying = Dies(connect, before=before)
    async with gateway(connect) as g:
        async with hub(dying.connect, name="dying"):
            epochs = await sit_everywhere(g, connect)
            await publish(connect, told_at_list(*TRUNCATE))
            await eventually(lambda: dying.dead)
        async with hub(connect, name="next"):
            # Of those it finds done in the log, or does before it knows who is where, a gateway
            # hears by the answer to its roll.
            await eventually(lambda: all(is_told(g, d, epoch) for d, epoch in epochs.items()))
            await publish(connect, *(change(document, "e2") for document in DOCUMENTS.values()))
            await eventually(lambda: all(begin_anew(g, d, epoch) for d, epoch in epochs.items()))
            assert set(resets(g).values()) <= {1}
            assert before == (MINE not in resets(g))
    for slot, document in DOCUMENTS.items():
        begun = [
            fact.epoch
            for record in await records(connect, slot)
            if isinstance(record, Batch)
            for fact in record.facts
            if isinstance(fact, Begun) and fact.document == document
        ]
        assert begun == [epochs[document], g.places[document].epoch]


async def test_who_takes_over_right_after_it_goes_on_in_the_new_epoch(connect: Connect) -> None:
    async with gateway(connect) as g:
        async with hub(connect):
            before = await sit_everywhere(g, connect)
            await publish(connect, told_at_list(*TRUNCATE))
            await eventually(lambda: len(resets(g)) == SLOTS)
        told = {h.marks.document: h.marks.epoch for h in g.heard if h.marks.what == "reset"}
        async with hub(connect):
            await publish(connect, *(change(document, "e2") for document in DOCUMENTS.values()))
            await eventually(lambda: all(begin_anew(g, d, epoch) for d, epoch in before.items()))
        assert {document: g.places[document].epoch for document in told} == told
        assert set(resets(g).values()) == {1}


async def test_a_hub_of_before_this_skips_it_counts_it_and_goes_on(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own shard's documents begin anew as ever; the others' do when it is a newer one's."""
    known = messages.Acts | messages.Seats | messages.Watch | messages.Probe | messages.Unknown
    monkeypatch.setattr(decide, "read_to_shard", lambda body: codec.read_any(body, known))
    skipped = metrics.UNKNOWN.labels("shard")._value
    before = skipped.get()
    async with hub(connect), gateway(connect) as g:
        epochs = await sit_everywhere(g, connect)
        await publish(connect, told_at_list(*TRUNCATE))
        await eventually(lambda: skipped.get() - before == SLOTS - 1)
        await publish(connect, *(change(document, "e2") for document in OTHERS))
        await eventually(lambda: all(g.events(d)[-1] == (2, "e2") for d in OTHERS))
        assert {d: g.places[d].epoch for d in OTHERS} == {d: epochs[d] for d in OTHERS}
