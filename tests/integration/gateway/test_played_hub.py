"""What a gateway tells a hub of its browsers, and its browsers of the hub's word."""

from __future__ import annotations

import asyncio

from broker.port import Binding, QueueSpec
from schemas import messages, topology
from schemas.messages import (
    Acts,
    AskAct,
    AwayAct,
    Connected,
    Disconnected,
    Done,
    JoinAct,
    LeaseLost,
    LeaveAct,
    Refused,
    Reply,
    SendAct,
    UpdateAct,
)
from tests.integration.gateway.played import (
    DOC,
    SLOT,
    joined,
    last_acts,
    played,
)
from tests.support.eventually import eventually


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
        (join,) = [act for act in said.acts if isinstance(act, messages.JoinAct)]
        assert join.connection == leela.first(type="welcome")["connection"]
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
        await leela.say("update", id="again", document=DOC, lease=True)
        await eventually(lambda: len(hub.acts(UpdateAct)) == 2)
        again = getattr(hub.acts(UpdateAct)[1], "request", None) or 0
        granted = Done(request=again, document=DOC, fence=3)
        lost = LeaseLost(document=DOC, connection=connection, reason="expired", fence=3)
        await hub.reply(last_acts(hub), SLOT, [granted, lost])
        assert (await leela.hears(id="again"))["fence"] == 3
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
