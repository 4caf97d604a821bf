"""One hub goes, another works on: nothing lost, nothing twice, the same numbers."""

import json
from functools import partial

import pytest

from broker.memory import Bus
from broker.port import Connect, Outgoing
from hub import claim
from hub.ownership import table
from hub.settings import HubSettings
from schemas import codec, messages, topology
from schemas.ids import DocumentId, epoch_age, routing_key, slot_of
from schemas.log import Batch, Claim, Numbered
from schemas.messages import Done, UpdateAct
from schemas.presence import Position
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import (
    change,
    event,
    hub,
    publish,
    records,
)
from tests.support.eventually import eventually

DOCUMENT = "article.42"
SLOT = slot_of(DocumentId(DOCUMENT))
LOG = topology.log_queue(SLOT)


def numbered(g: Gateway, count: int) -> bool:
    return len(g.events(DOCUMENT)) == count


async def test_a_second_hub_goes_on_where_the_first_was(connect: Connect) -> None:
    async with gateway(connect) as g:
        async with hub(connect):
            await g.join(DOCUMENT, "c1", "leela", "editing")
            wish = UpdateAct(connection="c1", lease=True, request=1)
            await g.act(DOCUMENT, wish)
            await publish(connect, change(DOCUMENT, "e1"), change(DOCUMENT, "e2"))
            await eventually(lambda: g.events(DOCUMENT) == [(1, "e1"), (2, "e2")])
            await eventually(lambda: len(g.replies) == 1)
        first = g.heard[-1].marks
        fence = g.replies[0]
        assert isinstance(fence, Done)
        async with hub(connect):
            await publish(connect, change(DOCUMENT, "e2"), change(DOCUMENT, "e3"))
            await eventually(lambda: g.events(DOCUMENT)[-1] == (3, "e3"))
            await g.act(DOCUMENT, messages.AskAct(connection="", ask=5))
            answer = await eventually(lambda: g.answered(5))
            await eventually(lambda: g.heard[-1].marks.what == "presence")
    assert g.events(DOCUMENT) == [(1, "e1"), (2, "e2"), (3, "e3")]
    last = g.heard[-1].marks
    assert (last.epoch, last.generation > first.generation) == (first.epoch, True)
    assert g.heard[-1].frame["full"]
    lease = answer.presence.lease
    assert lease is not None
    assert (lease.user, lease.fence) == ("leela", fence.fence)


async def test_a_stand_by_takes_over_silent_shards_too(connect: Connect) -> None:
    async with gateway(connect) as g:
        async with hub(connect, name="first") as stopping, hub(connect, name="second"):
            await g.join(DOCUMENT, "c1", "leela", ask=1)
            await eventually(lambda: g.answered(1))
            await eventually(lambda: g.at_rest("first", "second"))
            stopping.set()
            await eventually(lambda: g.at_rest("second"))
            await publish(connect, change(DOCUMENT, "e1"))
            await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        assert not [h for h in g.heard if h.marks.what == "reset"]


async def test_two_hubs_at_once_and_one_is_cut_off_without_a_word() -> None:
    bus = Bus()
    async with (
        gateway(bus.connect) as g,
        hub(bus.connect, name="first"),
        hub(bus.connect, name="second"),
    ):
        await g.join(DOCUMENT, "c1", "leela", ask=1)
        await eventually(lambda: g.answered(1))
        for turn in range(6):
            some = [change(DOCUMENT, f"e{turn}-{n}") for n in range(20)]
            await publish(bus.connect, *some)
            bus.cut(f"hub/{('first', 'second')[turn % 2]}")
        await eventually(lambda: len(dict(g.events(DOCUMENT))) == 120)
    numbered = dict(g.events(DOCUMENT))
    assert list(numbered) == list(range(1, 121))
    assert list(numbered.values()) == [f"e{turn}-{n}" for turn in range(6) for n in range(20)]
    facts = [
        fact
        for record in await records(bus.connect, SLOT)
        if isinstance(record, Batch)
        for fact in record.facts
        if isinstance(fact, Numbered)
    ]
    assert len({fact.epoch for fact in facts}) == 1


async def test_what_somebody_writes_after_losing_his_claim_does_not_count(
    connect: Connect,
) -> None:
    async with gateway(connect) as g:
        async with hub(connect):
            await g.join(DOCUMENT, "c1", "leela")
            await publish(connect, change(DOCUMENT, "e1"))
            await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        nonce = next(r.nonce for r in await records(connect, SLOT) if isinstance(r, Claim))
        epoch = g.places[DOCUMENT].epoch
        zombie = Numbered(
            document=DOCUMENT,
            epoch=epoch,
            seq=2,
            source="/zombie",
            id="z",
            type="t",
            digest=b"",
            at=0,
            event=b"{}",
        )
        async with hub(connect):
            await publish(connect, change(DOCUMENT, "e2"))
            await eventually(lambda: g.events(DOCUMENT)[-1] == (2, "e2"))
            late = codec.pack(Batch(nonce=nonce, n=99, facts=[zombie]))
            await publish(connect, Outgoing("", LOG, late))
        async with hub(connect):
            await publish(connect, change(DOCUMENT, "e3"))
            await eventually(lambda: g.events(DOCUMENT)[-1] == (3, "e3"))


async def test_an_owner_that_reads_anothers_claim_stops(connect: Connect) -> None:
    async with gateway(connect) as g, hub(connect):
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        before = g.heard[-1].marks.generation
        foreign = Claim(worker="elsewhere", nonce="other", at=before + 60_000)
        await publish(connect, Outgoing("", LOG, codec.pack(foreign)))
        # It forgets the shard, stands in line, is the only one, and claims above the other.
        await publish(connect, change(DOCUMENT, "e2"))
        await eventually(lambda: (2, "e2") in g.events(DOCUMENT))
        await eventually(lambda: g.heard[-1].marks.generation > before + 60_000)
        assert g.heard[-1].marks.epoch == g.heard[0].marks.epoch


async def test_a_gateway_ahead_of_the_log_gets_a_new_epoch(connect: Connect) -> None:
    async with gateway(connect) as g, hub(connect):
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        known = g.places[DOCUMENT]
        g.places[DOCUMENT] = messages.Place(DOCUMENT, known.epoch, 5)
        await g.tell_seats(SLOT)
        await eventually(lambda: [h for h in g.heard if h.marks.what == "reset"])
        fresh = g.heard[-1].marks.epoch
        assert epoch_age(fresh) > epoch_age(known.epoch)
        await publish(connect, change(DOCUMENT, "e2"))
        await eventually(lambda: g.heard[-1].marks.seq == 1 and g.heard[-1].marks.epoch == fresh)


async def test_a_gateway_behind_gets_what_it_missed_with_its_seats(connect: Connect) -> None:
    async with gateway(connect) as g, hub(connect):
        await g.join(DOCUMENT, "c1", "leela")
        await publish(connect, *(change(DOCUMENT, f"e{n}") for n in range(1, 6)))
        await eventually(lambda: len(g.events(DOCUMENT)) == 5)
        known = g.places[DOCUMENT]
        g.places[DOCUMENT] = messages.Place(DOCUMENT, known.epoch, 3)
        await g.tell_seats(SLOT)
        answer = await eventually(lambda: g.answered(0))
        assert [json.loads(body)["id"] for body in answer.events] == ["e4", "e5"]


async def test_seats_replace_what_was_known_of_the_gateway(connect: Connect) -> None:
    async with gateway(connect) as g, hub(connect):
        await g.join(DOCUMENT, "c1", "leela")
        await g.join(DOCUMENT, "c2", "fry")
        await eventually(lambda: len(g.present(DOCUMENT)) == 2)
        del g.seats[DOCUMENT, "c2"]
        await g.tell_seats(SLOT)
        await eventually(lambda: g.present(DOCUMENT) == {"leela": "reading"})


async def test_presence_waits_for_every_live_gateway(connect: Connect) -> None:
    patient = HubSettings(
        heartbeat_ms=200, probe_ms=50, settle_ms=1000, answers_ms=60_000, gateway_silent_beats=1000
    )
    async with (
        gateway(connect, "g1") as g1,
        gateway(connect, "g2") as g2,
        hub(connect, patient, name="first") as first,
        hub(connect, patient, name="second") as second,
    ):
        await g1.join(DOCUMENT, "c1", "leela")
        await g2.join(DOCUMENT, "c2", "fry")
        await eventually(lambda: g1.at_rest("first", "second"))
        owner = table(["first", "second"])[SLOT].owner

        def told() -> bool:
            assert g1.heard
            last = g1.heard[-1]
            assert last.marks.generation == g1.hubs[owner].shards[str(SLOT)]
            return last.frame["complete"] and len(g1.present(DOCUMENT)) == 2

        await eventually(told)
        g2.answering = False
        before, asked = len(g1.heard), len(g1.wanted)
        {"first": first, "second": second}[owner].set()
        await eventually(lambda: [w for w in g1.wanted[asked:] if w.slot == SLOT])
        await g1.act(DOCUMENT, messages.AskAct(connection="", ask=1))
        answer = await eventually(lambda: g1.answered(1))
        assert [user.id for user in answer.presence.users] == ["leela"]
        assert not answer.presence.complete
        # Events do not wait.
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g1.events(DOCUMENT) == [(1, "e1")])
        assert [h.marks.what for h in g1.heard[before:]] == ["event"]
        await g2.tell_seats(SLOT)
        await eventually(lambda: g1.heard[-1].marks.what == "presence")
        frame = g1.heard[-1].frame
        assert (frame["full"], frame["complete"]) == (True, True)
        assert {user["id"] for user in frame["users"]} == {"leela", "fry"}


async def test_resumed_events_survive_the_hub(connect: Connect) -> None:
    many = HubSettings(heartbeat_ms=200, probe_ms=50, settle_ms=20, state_every=5)
    async with gateway(connect) as g:
        async with hub(connect, many):
            await g.join(DOCUMENT, "c1", "leela")
            for n in range(1, 31):
                await publish(connect, change(DOCUMENT, f"e{n}"))
            await eventually(lambda: len(g.events(DOCUMENT)) == 30)
        epoch = g.places[DOCUMENT].epoch
        async with hub(connect, many):
            since = Position(epoch, 10)
            await g.act(DOCUMENT, messages.AskAct(connection="", ask=3, since=since))
            answer = await eventually(lambda: g.answered(3))
            assert answer.recovered
            found = [json.loads(body)["id"] for body in answer.events]
            assert found == [f"e{n}" for n in range(11, 31)]
            again = Outgoing(topology.IN, routing_key(DocumentId(DOCUMENT)), event(DOCUMENT, "e5"))
            await publish(connect, again, change(DOCUMENT, "e31"))
            await eventually(lambda: g.events(DOCUMENT)[-1] == (31, "e31"))


@pytest.mark.parametrize(
    ("back", "state_every"),
    [((20, 40), 5), ((2, 4), 1000)],
    ids=["from a state near the end", "from the beginning when no state was met"],
)
async def test_a_long_log_is_read_no_further_back_than_needed(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, back: tuple[int, ...], state_every: int
) -> None:
    monkeypatch.setattr(claim, "BACK", back)
    settings = HubSettings(heartbeat_ms=200, settle_ms=20, state_every=state_every)
    async with gateway(connect) as g:
        async with hub(connect, settings):
            await g.join(DOCUMENT, "c1", "leela")
            for n in range(1, 41):
                await publish(connect, change(DOCUMENT, f"e{n}"))
                await eventually(partial(numbered, g, n))
        epoch = g.places[DOCUMENT].epoch
        assert len(await records(connect, SLOT)) > 40
        async with hub(connect, settings):
            await publish(connect, change(DOCUMENT, "e40"), change(DOCUMENT, "e41"))
            await eventually(lambda: g.events(DOCUMENT)[-1] == (41, "e41"))
            await g.act(DOCUMENT, messages.AskAct(connection="", ask=3, since=Position(epoch, 38)))
            answer = await eventually(lambda: g.answered(3))
            assert [json.loads(body)["id"] for body in answer.events] == ["e39", "e40", "e41"]
