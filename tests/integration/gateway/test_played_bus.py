"""What a gateway makes of whatever the bus does to it."""

from __future__ import annotations

import msgpack
import pytest
import structlog

from gateway import metrics, watched
from schemas import codec, ids, messages, topology
from schemas.ids import SLOTS
from schemas.messages import (
    GatewayBeat,
    UserNow,
)
from tests.integration.gateway.played import (
    DOC,
    EPOCH,
    LIST,
    SLOT,
    joined,
    last_acts,
    played,
)
from tests.support.eventually import eventually
from tests.support.next_version import packed


async def test_events_come_once_in_order_whatever_the_bus_does() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        to = last_acts(hub)
        for seq in (2, 1, 1, 4, 2, 3, 6, 5):
            await hub.event(to, DOC, seq)
        await leela.hears(type="event", seq=6)
        assert leela.seqs(DOC) == [1, 2, 3, 4, 5, 6]
        await hub.event(to, DOC, 9)  # 7 and 8 never come, and are asked for.
        await leela.hears(type="event", seq=9)
        assert leela.seqs(DOC) == list(range(1, 10))


async def test_an_old_owner_is_not_heard() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        to = last_acts(hub)
        hub.generation = 2
        await hub.beat()
        await hub.event(to, DOC, 1, generation=1)
        await hub.event(to, DOC, 1)
        await leela.hears(type="event", seq=1)
        await hub.event(to, DOC, 2)
        await leela.hears(type="event", seq=2)
        assert leela.seqs(DOC) == [1, 2]


async def test_what_is_no_message_is_a_dead_letter_and_the_next_is_served() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        to = last_acts(hub)
        address = topology.gateway_address(to.gateway, to.term)
        await hub.publish(topology.EVENTS, address, b"\xc1 no msgpack")
        await hub.publish(topology.EVENTS, address, b"{}", {"w": "event"})
        await hub.publish(topology.CONTROL, "", b"nonsense")
        await hub.event(to, DOC, 1)
        await leela.hears(type="event", seq=1)
        await eventually(lambda: len(hub.dead) == 3)
        assert all(letter.headers["reason"] for letter in hub.dead)
        assert {letter.key for letter in hub.dead} == {topology.gateway_queue(to.gateway, to.term)}


async def test_what_only_another_version_knows_is_skipped_and_counted() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        to = last_acts(hub)
        address = topology.gateway_address(to.gateway, to.term)
        before = unknown()
        await hub.publish(topology.EVENTS, address, NEWS)
        await hub.publish(topology.EVENTS, address, b"{}", {"w": "news", "d": DOC})
        mixed = packed(messages.Replies(slot=SLOT, generation=1, replies=[]))
        await hub.publish(topology.EVENTS, address, mixed)
        with structlog.testing.capture_logs() as lines:
            await hub.publish(topology.EVENTS, address, NEWS)
            await hub.event(to, DOC, 1)
            await leela.hears(type="event", seq=1)
        assert unknown() - before == 4
        assert (hub.dead, lines) == ([], [])


NEWS: bytes = msgpack.packb({"kind": "news"})


def unknown() -> float:
    """How many things of unknown kinds gateways have heard so far."""
    samples = [sample for metric in metrics.UNKNOWN.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))


async def test_seats_are_told_when_an_owner_asks() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        hub.told.clear()
        hub.generation = 2
        await hub.want_seats(SLOT)
        (seats,) = await eventually(hub.seats)
        assert (seats.slot, seats.term) == (SLOT, 1)
        assert [(place.document, place.epoch) for place in seats.places] == [(DOC, EPOCH)]
        (seat,) = seats.seats
        assert seat.connection == leela.first(type="welcome")["connection"]


async def test_seats_are_told_unasked_now_and_then() -> None:
    async with played(audit_ms=320) as (_, hub):
        hub.told.clear()
        await eventually(lambda: {said.slot for said in hub.seats()} == set(range(SLOTS)))


async def test_dropped_messages_are_noticed_and_everything_is_told_again() -> None:
    async with played() as (built, hub):
        await joined(built)
        to = last_acts(hub)
        hub.told.clear()
        queue = topology.gateway_queue(to.gateway, to.term)
        await hub.publish("", f"{queue}.lost", b"whatever was dropped")
        await eventually(lambda: {said.slot for said in hub.seats()} == set(range(SLOTS)))


async def test_a_broker_that_goes_away_costs_no_socket() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        fry = await built.browser("fry")
        gateway = last_acts(hub).gateway
        up, down = f"gateway/{gateway} up", f"gateway/{gateway} down"
        for term, name in ((2, down), (3, up)):
            hub.told.clear()
            hub.door.open = False
            built.bus.cut(name)
            caught = await leela.ask("send", document=DOC, event={"type": "said"})
            assert caught["code"] in ("timeout", "unavailable")  # Sent just before it was noticed?
            error = await leela.ask("send", document=DOC, event={"type": "said"})
            assert (error["code"], error["temporary"]) == ("unavailable", True)
            update = await leela.ask("update", document=DOC, mode="editing", lease=True)
            assert update["code"] == "unavailable"
            assert (await fry.ask("join", document=DOC))["type"] == "joined"  # From our copy.
            await leela.say("update", document=DOC, state={"while": "away"})
            await leela.ask("sync", document=DOC)
            hub.door.open = True
            await eventually(lambda: len(hub.seats()) == SLOTS)
            assert {said.term for said in hub.seats()} == {term}
            seats = {seat.user: seat for said in hub.seats() for seat in said.seats}
            assert set(seats) == {"leela", "fry"}
            assert seats["leela"].state == b'{"while":"away"}'
            assert built.healths[0].ready
        assert leela.code is fry.code is None
        await hub.event(hub.seats()[-1], DOC, 1)
        await leela.hears(type="event", seq=1)


async def test_a_list_is_watched_everywhere_and_no_longer_after_the_last_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched, "LOOK_MS", 500)
    async with played() as (built, hub):
        leela = await built.browser("leela")
        await leela.say("join", document=LIST)
        await eventually(lambda: len(hub.watches()) == 1)
        (watch,) = hub.watches()
        assert (watch.collection, watch.on) == ("article", True)
        hub.told.clear()
        await hub.want_seats(3)
        (seats,) = await eventually(hub.seats)
        assert seats.collections == ["article"]
        joined = await leela.hears(type="joined")  # Without the parts, which never come.
        assert joined["summary"]["complete"] is False
        await leela.ask("leave", document=LIST)
        await leela.ask("join", document=LIST)
        await leela.ask("leave", document=LIST)
        assert hub.watches() == []
        await eventually(lambda: [w.on for w in hub.watches()] == [False])


async def test_a_gateway_beats() -> None:
    async with played(heartbeat_ms=50) as (built, hub):
        await built.browser("leela")

        def beats() -> bool:
            said = [beat for beat in hub.control if isinstance(beat, GatewayBeat)]
            return len(said) > 2 and said[-1].connections == 1

        await eventually(beats)


async def test_presence_is_told_under_our_own_count() -> None:
    async with played() as (built, hub):
        hub.users = [UserNow("leela", "Leela", b"{}", "reading", b"{}")]
        leela = await joined(built)
        to = last_acts(hub)
        address = topology.gateway_address(to.gateway, to.term)
        for v in (3, 2, 4):  # The first one comes too early.
            marks = messages.Marks("presence", DOC, 1, EPOCH, 0, v)
            body = codec.write_json(
                {
                    "type": "presence",
                    "document": DOC,
                    "v": v,
                    "full": False,
                    "users": [
                        {"id": f"u{v}", "name": "", "info": {}, "mode": "reading", "state": {}}
                    ],
                    "left": [],
                    "counts": {"reading": v, "editing": 0},
                    "complete": True,
                    "lease": None,
                }
            )
            headers = {**marks.headers(), "BCC": [address]}
            key = topology.presence_key(ids.parse_document(DOC))
            await hub.publish(topology.EVENTS, key, body, headers)
        await leela.sees(DOC, leela="reading", u2="reading", u3="reading", u4="reading")
        assert [frame["v"] for frame in leela.all(type="presence")] == [2, 3, 4]
