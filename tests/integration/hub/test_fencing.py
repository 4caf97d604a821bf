"""Of all that may write to a shard's log, one counts at a time: whoever claimed it last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import msgspec

from broker.port import Broker, Channel, Connect, Delivery, Inbox, Outgoing, QueueSpec
from hub.ownership import table
from schemas import codec, messages, topology
from schemas.ids import DocumentId, epoch_age, slot_of
from schemas.log import At, Batch, Claim, Numbered, State
from schemas.presence import Position
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import Machine, change, event, hub, publish, records
from tests.support.eventually import eventually

DOCUMENT = "article.42"
SLOT = slot_of(DocumentId(DOCUMENT))
LOG = topology.log_queue(SLOT)


def has_heard(g: Gateway, document: str, count: int) -> bool:
    return len(g.events(document)) == count


class Deaf:
    """Connections on which nothing more of one log is heard as long as ``hears`` is not set."""

    def __init__(self, connect: Connect) -> None:
        self.hears = asyncio.Event()
        self.hears.set()
        self._connect = connect

    async def connect(self, name: str) -> Any:
        """See ``port.Connect``."""
        return _Broker(await self._connect(name), self.hears)


class _Broker:
    def __init__(self, inner: Broker, hears: asyncio.Event) -> None:
        self._inner = inner
        self._hears = hears

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> _Channel:
        return _Channel(await self._inner.open(), self._hears)


class _Channel:
    def __init__(self, inner: Channel, hears: asyncio.Event) -> None:
        self._inner = inner
        self._hears = hears

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def consume(self, queue: str, **more: Any) -> Any:
        inbox = await self._inner.consume(queue, **more)
        return _Inbox(inbox, self._hears) if queue == LOG else inbox

    async def __aenter__(self) -> _Channel:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._inner.close()


class _Inbox:
    def __init__(self, inner: Inbox, hears: asyncio.Event) -> None:
        self._inner = inner
        self._hears = hears

    async def take(self) -> list[Delivery]:
        taken = await self._inner.take()
        await self._hears.wait()
        return taken

    def ack(self, upto: int) -> None:
        self._inner.ack(upto)


def said(found: Sequence[object], id: str) -> list[str]:
    """Under whose claims an event is in a log."""
    return [
        record.nonce
        for record in found
        if isinstance(record, Batch)
        for fact in record.facts
        if isinstance(fact, Numbered) and fact.id == id
    ]


async def test_what_an_owner_appends_after_anothers_claim_is_neither_told_nor_counted(
    connect: Connect,
) -> None:
    """Its channel is open, and it does not know yet: a partition of the broker can do that."""
    deaf = Deaf(connect)
    async with gateway(connect) as g, hub(deaf.connect):
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        place, mine = g.places[DOCUMENT], g.heard[-1].marks.generation
        (nonce,) = said(await records(connect, SLOT), "e1")
        deaf.hears.clear()
        theirs = Numbered(
            document=DOCUMENT, epoch=place.epoch, seq=2, source="/test", id="theirs",
            type="note.added", digest=b"", at=0, event=event(DOCUMENT, "theirs"),
        )  # fmt: skip
        state = State(
            nonce="other",
            generation=mine + 1000,
            places=[At(DOCUMENT, place.epoch, 1)],
            leases=[],
            fence=0,
            exchanges=[],
        )
        other = [
            Claim(worker="elsewhere", nonce="other", at=mine + 1000),
            state,
            Batch(nonce="other", n=1, facts=[theirs]),
        ]
        await publish(connect, *(Outgoing("", LOG, codec.pack(record)) for record in other))
        await publish(connect, change(DOCUMENT, "e2"))

        async def appended() -> bool:
            return said(await records(connect, SLOT), "e2") == [nonce]

        await eventually(appended)
        assert [heard.frame["event"]["id"] for heard in g.heard if heard.marks.what == "event"] == [
            "e1"
        ]
        deaf.hears.set()
        # It stops, stands in line, claims, and numbers after what the other has numbered.
        await g.act(DOCUMENT, messages.AskAct(connection="", ask=1, since=Position(place.epoch, 1)))
        await eventually(lambda: g.heard[-1].marks.seq == 3)
        answer = await eventually(lambda: g.answered(1))
        assert [json.loads(body)["id"] for body in answer.events][:1] == ["theirs"]
        told = [heard for heard in g.heard if heard.marks.what == "event"]
        # The first may be handed to the next owner again, which tells it again.
        numbers = dict.fromkeys((h.marks.seq, h.frame["event"]["id"]) for h in told)
        assert list(numbers) == [(1, "e1"), (3, "e2")]
        assert told[-1].marks.generation > mine + 1000
        assert told[-1].marks.epoch == place.epoch


async def test_two_owners_crash_in_a_row_and_the_order_is_kept(connect: Connect) -> None:
    """Each with a whole prefetch of messages in its hands."""
    machines = {name: Machine(connect) for name in ("first", "second", "third")}
    named = table(list(machines))[SLOT]
    count = 300
    async with gateway(connect) as g, AsyncExitStack() as running:
        for name, machine in machines.items():
            await running.enter_async_context(hub(machine.connect, name=name))
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: g.at_rest(*machines), within=20)
        await publish(connect, *(change(DOCUMENT, f"e{n}") for n in range(1, count + 1)))
        await eventually(lambda: len(g.events(DOCUMENT)) > 20)
        await machines[named.owner].die()
        await publish(connect, *(change(DOCUMENT, f"e{n}") for n in range(count + 1, 2 * count)))
        assert named.next is not None
        await machines[named.next].die()
        expected = [(n, f"e{n}") for n in range(1, 2 * count)]
        await eventually(lambda: g.events(DOCUMENT) == expected, within=30)


async def test_a_hand_over_leaves_nothing_of_two_owners_side_by_side(connect: Connect) -> None:
    """Finish the turn, acknowledge, close the channel: nothing is written after the next claim, and
    nothing that was done is done again."""
    async with (
        gateway(connect) as g,
        hub(connect, name="first") as stop_first,
        hub(connect, name="second") as stop_second,
    ):
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: g.at_rest("first", "second"), within=20)
        owner = next(name for name in ("first", "second") if str(SLOT) in g.hubs[name].shards)
        some = [change(DOCUMENT, f"e{n}") for n in range(1, 601)]
        await publish(connect, *some[:300])
        {"first": stop_first, "second": stop_second}[owner].set()
        await publish(connect, *some[300:])
        await eventually(lambda: len(g.events(DOCUMENT)) == 600, within=20)
        assert g.events(DOCUMENT) == [(n, f"e{n}") for n in range(1, 601)]
        await eventually(lambda: g.at_rest("second" if owner == "first" else "first"), within=20)
        in_force, writers = "", []
        for record in await records(connect, SLOT):
            if isinstance(record, Claim):
                in_force = record.nonce
                writers.append(record.worker)
            elif isinstance(record, Batch | State):
                assert record.nonce == in_force
        assert len(set(writers)) == 2
        told = [heard.marks.seq for heard in g.heard if heard.marks.what == "event"]
        assert told == list(range(1, 601)), "nothing was told twice"


async def test_a_log_that_lost_its_end_resets_its_documents_and_no_others(connect: Connect) -> None:
    neighbour = "article.43"
    assert slot_of(DocumentId(neighbour)) != SLOT
    async with gateway(connect) as g:
        async with hub(connect):
            for document in (DOCUMENT, neighbour):
                await g.join(document, f"c-{document}", "leela")
                await publish(connect, *(change(document, f"e{n}") for n in range(1, 30)))
                await eventually(partial(has_heard, g, document, 29))
                await publish(connect, change(document, "e30"))
                await eventually(partial(has_heard, g, document, 30))
        found = await records(connect, SLOT)
        kept = [one for one in found if isinstance(one, msgspec.Struct) and not said([one], "e30")]
        broker = await connect("operator")
        await broker.delete(LOG)
        for queue in topology.installation().queues:
            if queue.name == LOG:
                await broker.declare([QueueSpec(queue.name, queue.arguments)])
        await broker.close()
        await publish(connect, *(Outgoing("", LOG, codec.pack(record)) for record in kept))
        old = g.places[DOCUMENT].epoch
        # Before anybody is asked, more has come than was lost.
        await publish(connect, *(change(DOCUMENT, f"late-{n}") for n in range(60)))
        async with hub(connect):
            await eventually(lambda: [h for h in g.heard if h.marks.what == "reset"])
            await publish(connect, change(DOCUMENT, "new"), change(neighbour, "e31"))
            await eventually(lambda: g.events(neighbour)[-1] == (31, "e31"))
            await eventually(
                lambda: [h for h in g.heard if h.frame.get("event", {}).get("id") == "new"]
            )
    resets = {heard.marks.document for heard in g.heard if heard.marks.what == "reset"}
    assert resets == {DOCUMENT}
    (new,) = [heard for heard in g.heard if heard.frame.get("event", {}).get("id") == "new"]
    assert epoch_age(new.marks.epoch) > epoch_age(old)
