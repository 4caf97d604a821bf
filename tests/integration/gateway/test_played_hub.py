"""What a gateway tells a hub, and what it makes of whatever a hub and a broker do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from broker.port import Binding, QueueSpec
from schemas import codec, ids, messages, topology
from schemas.ids import SLOTS
from schemas.messages import (
    Acts,
    AskAct,
    AwayAct,
    Bye,
    Connected,
    Disconnected,
    Done,
    GatewayBeat,
    JoinAct,
    LeaseLost,
    LeaveAct,
    Refused,
    Reply,
    SendAct,
    UpdateAct,
    UserNow,
)
from tests.integration.gateway.played import EPOCH, Door, PlayedHub
from tests.integration.gateway.support import Browser, House, house
from tests.support.eventually import eventually

DOC, LIST = "article.42", "article.~"
SLOT = ids.slot_of(ids.parse_document(DOC))


@asynccontextmanager
async def played(**settings: Any) -> AsyncIterator[tuple[House, PlayedHub]]:
    async with house(0, hub=False) as built:
        hub, up = PlayedHub(built.bus), asyncio.Event()
        task = built.tasks.create_task(hub.run(up=up))
        await up.wait()
        hub.door = Door(built.bus)
        await built.gateway(hub.door.connect, **settings)
        await built.ready()
        yield built, hub
        await built.close()
        task.cancel()


async def joined(built: House, user: str = "leela") -> Browser:
    browser = await built.browser(user)
    assert (await browser.ask("join", document=DOC))["type"] == "joined"
    return browser


def last_acts(hub: PlayedHub) -> Acts:
    return [said for said in hub.told if isinstance(said, Acts)][-1]


async def test_a_connection_s_life_is_told_to_whoever_binds_it() -> None:
    async with played() as (built, hub):
        leela = await built.browser("leela", client={"name": "web"}, previous="c.before")
        await leela.socket.close()
        await eventually(lambda: len(hub.lives) == 2)
        begun, ended = hub.lives
        assert isinstance(begun, Connected)
        assert isinstance(ended, Disconnected)
        assert begun.connection == ended.connection == leela.first(type="welcome")["connection"]
        assert (begun.user, begun.name, begun.client) == ("leela", "Leela", {"name": "web"})
        assert (begun.address, begun.previous) == ("127.0.0.1", "c.before")
        assert (ended.user, ended.code, ended.cause) == ("leela", 1000, "closed")


async def test_a_seat_s_life_in_acts() -> None:
    async with played(grace_ms=200, grace_clean_ms=50) as (built, hub):
        leela = await joined(built)
        connection = leela.first(type="welcome")["connection"]
        await leela.say("update", document=DOC, mode="editing", state={"x": 1})
        await leela.say("send", document=DOC, event={"type": "said"})
        await eventually(lambda: hub.acts(SendAct))
        await leela.socket.close()
        await eventually(lambda: hub.acts(LeaveAct))
        kinds = [type(act) for act in hub.acts()]
        assert kinds == [JoinAct, AskAct, UpdateAct, SendAct, AwayAct, LeaveAct]
        assert [act.connection for act in hub.acts() if act.connection] == [connection] * 5
        assert hub.acts(LeaveAct) == [LeaveAct(connection=connection, cause="closed")]
        (update,) = hub.acts(UpdateAct)
        assert isinstance(update, UpdateAct)
        assert (update.mode, update.state, update.request) == ("editing", b'{"x":1}', None)


async def test_a_leave_frame_ends_a_seat_at_once() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        assert (await leela.ask("leave", document=DOC))["type"] == "ok"
        await eventually(lambda: hub.acts(LeaveAct))
        (leave,) = hub.acts(LeaveAct)
        assert isinstance(leave, LeaveAct)
        assert leave.cause == "left"


async def test_many_joins_share_messages_and_one_question() -> None:
    async with played() as (built, hub):
        browsers = [await built.browser(f"user{n}") for n in range(20)]
        await asyncio.gather(*[browser.ask("join", document=DOC) for browser in browsers])
        assert len(hub.acts(JoinAct)) == 20
        assert len(hub.acts(AskAct)) == 1


async def test_any_backend_may_hear_what_browsers_say() -> None:
    async with played() as (built, _):
        broker = await built.bus.connect("backend")
        queue = QueueSpec("backend", {"x-queue-type": "classic"})
        await broker.declare(
            [queue], [], [Binding(topology.CLIENTS, "backend", key) for key in ("receive.#",)]
        )
        inbox = await (await broker.open()).consume("backend", prefetch=10, no_ack=True)
        leela = await joined(built)
        (delivery, *_) = await inbox.take()
        said = messages.read_to_shard(delivery.body)
        assert isinstance(said, Acts)
        assert said.acts[0].connection == leela.first(type="welcome")["connection"]
        await broker.close()


async def test_an_unanswered_question_is_repeated_and_the_join_given_up() -> None:
    async with played(request_ms=2_500) as (built, hub):
        hub.silent = True
        leela = await built.browser("leela")
        error = await leela.ask("join", document=DOC)
        assert (error["code"], error["temporary"], error["document"]) == ("unavailable", True, DOC)
        assert len(hub.acts(AskAct)) == 2
        await eventually(lambda: hub.acts(LeaveAct))
        assert (await leela.ask("sync", document=DOC))["code"] == "not_joined"
        hub.silent = False
        assert (await leela.ask("join", document=DOC))["type"] == "joined"


async def test_a_request_nobody_answers_is_a_timeout() -> None:
    async with played(request_ms=200) as (built, _):
        leela = await joined(built)
        error = await leela.ask("send", document=DOC, event={"type": "said"})
        assert (error["code"], error["temporary"]) == ("timeout", True)


async def test_a_request_is_answered_by_the_hub_s_word() -> None:
    async with played() as (built, hub):
        leela = await joined(built)
        await leela.say("send", id="s", document=DOC, event={"type": "said"})
        await leela.say("update", id="u", document=DOC, mode="editing", lease=True)
        await eventually(lambda: hub.acts(UpdateAct))
        requests = [getattr(act, "request", None) for act in hub.acts(SendAct, UpdateAct)]
        send, update = (number or 0 for number in requests)
        said: list[Reply] = [
            Done(request=send, document=DOC, seq=7),
            Refused(
                request=update,
                document=DOC,
                code="locked",
                message="Fry is editing",
                by="fry",
                by_name="Fry",
            ),
            Done(request=12345, document=DOC),
        ]
        await hub.reply(last_acts(hub), SLOT, said)
        assert (await leela.hears(id="s"))["seq"] == 7
        locked = await leela.hears(id="u")
        assert (locked["code"], locked["by"]) == ("locked", {"id": "fry", "name": "Fry"})
        connection = leela.first(type="welcome")["connection"]
        lost = LeaseLost(document=DOC, connection=connection, reason="expired")
        await hub.reply(last_acts(hub), SLOT, [lost])
        assert (await leela.hears(type="lease"))["lost"] == "expired"


async def test_a_refused_update_leaves_the_seat_and_a_granted_one_changes_it() -> None:
    async with played() as (built, hub):
        leela = await joined(built)

        for said, mode in ((Refused, "reading"), (Done, "editing")):
            hub.told.clear()
            await leela.say("update", id=mode, document=DOC, mode="editing", lease=True)
            (act,) = await eventually(lambda: hub.acts(UpdateAct))
            assert isinstance(act, UpdateAct)
            number = act.request or 0
            granted = Done(request=number, document=DOC, fence=3)
            refused = Refused(request=number, document=DOC, code="locked", message="")
            await hub.reply(last_acts(hub), SLOT, [granted if said is Done else refused])
            await leela.hears(id=mode)
            await hub.want_seats(SLOT)
            (seats,) = await eventually(hub.seats)
            assert [seat.mode for seat in seats.seats] == [mode]


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


async def test_a_list_is_watched_everywhere_and_no_longer_when_the_last_leaves() -> None:
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
        await eventually(lambda: [w.on for w in hub.watches()] == [False])


async def test_a_gateway_beats() -> None:
    async with played(heartbeat_ms=50) as (built, hub):
        await built.browser("leela")

        def beats() -> bool:
            said = [beat for beat in hub.control if isinstance(beat, GatewayBeat)]
            return len(said) > 2 and said[-1].connections == 1

        await eventually(beats)


async def test_draining_tells_everybody_ends_no_seat_and_says_good_bye() -> None:
    async with played(drain_window_s=0.2, drain_delay_s=0.1) as (built, hub):
        browsers = [await joined(built, f"user{n}") for n in range(5)]
        built.stop(0)
        await eventually(lambda: not built.healths[0].ready)
        late = await built.browser("late")  # Load balancers do not know yet.
        for browser in [*browsers, late]:
            drain = await browser.hears(type="drain")
            assert drain["reconnect_in_ms"] == [0, 200]
        await eventually(lambda: {browser.code for browser in (*browsers, late)} == {4000})
        await eventually(lambda: any(isinstance(said, Bye) for said in hub.control))
        assert len(hub.acts(AwayAct)) == 5
        assert hub.acts(LeaveAct) == []
        ended = [life for life in hub.lives if isinstance(life, Disconnected)]
        assert {(life.code, life.cause) for life in ended} == {(4000, "drained")}
        assert len(ended) == 6


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
