"""A hub between a gateway, a producer and backends: what it does when all goes well."""

import json
import random

from broker.port import Connect, Outgoing
from schemas import messages, topology
from schemas.ids import DocumentId, routing_key, slot_of
from schemas.messages import Done, LeaveAct, Refused, SendAct, UpdateAct
from schemas.presence import Position
from tests.integration.hub.played_gateway import gateway
from tests.integration.hub.support import (
    QUICK,
    change,
    event,
    hub,
    listener,
    publish,
)
from tests.support.eventually import eventually


async def test_who_joins_is_answered_and_shown(connect: Connect) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join("article.42", "c1", "leela", ask=7)
        answer = await eventually(lambda: g.answered(7))
        assert [user.id for user in answer.presence.users] == ["leela"]
        assert (answer.document, answer.seq, answer.recovered) == ("article.42", 0, False)
        await eventually(lambda: g.present("article.42") == {"leela": "reading"})

        await g.join("article.42", "c2", "fry", "editing")
        await eventually(lambda: g.present("article.42") == {"leela": "reading", "fry": "editing"})
        await g.act("article.42", LeaveAct(connection="c1"))
        await eventually(lambda: g.present("article.42") == {"fry": "editing"})


async def test_an_event_reaches_who_is_seated_and_who_bound_and_nobody_else(
    connect: Connect,
) -> None:
    async with (
        hub(connect),
        gateway(connect, "g1") as here,
        gateway(connect, "g2") as elsewhere,
        listener(connect, (topology.EVENTS, "article.42.#"), queue="b1") as backend,
    ):
        await here.join("article.42", "c1", "leela")
        # Presence is told once seats are known; until then events go to every gateway.
        await eventually(lambda: here.present("article.42"))
        await publish(connect, *(change("article.42", f"e{n}") for n in range(50)))
        expected = [(n + 1, f"e{n}") for n in range(50)]
        await eventually(lambda: here.events("article.42") == expected)
        await eventually(lambda: len([d for d in backend.taken if ".event." in d.key]) == 50)
        events = [d for d in backend.taken if ".event." in d.key]
        assert [json.loads(d.body)["seq"] for d in events] == list(range(1, 51))
        assert "BCC" not in events[0].headers
        assert elsewhere.heard == []


async def test_a_repeat_is_not_numbered_and_another_body_is_dead(connect: Connect) -> None:
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.DEAD, "#"), queue="dead") as dead,
    ):
        await g.join("article.42", "c1", "leela")
        twice = change("article.42", "e1")
        other = change("article.42", "e1", '{"x":2}')
        await publish(connect, twice, twice, other, change("article.42", "e2"))
        await eventually(lambda: g.events("article.42") == [(1, "e1"), (2, "e2")])
        await eventually(lambda: len(dead.taken) == 1)
        letter = dead.taken[0]
        assert letter.body == other.body
        assert letter.key == topology.shard_queue(slot_of(DocumentId("article.42")))
        assert "same id" in str(letter.headers["reason"])


async def test_nonsense_is_dead_with_its_reason_and_the_next_is_served(connect: Connect) -> None:
    key = routing_key(DocumentId("article.42"))
    bad = event("article.42", "e0", type="presently.change", data='{"op":"z","entity":"a"}')
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.DEAD, "#"), queue="dead") as dead,
    ):
        await g.join("article.42", "c1", "leela")
        await publish(
            connect,
            Outgoing(topology.IN, key, b"\xff"),
            Outgoing(topology.IN, key, bad),
            Outgoing(topology.CLIENTS, key, b"\xc1"),
            change("article.42", "e1"),
        )
        await eventually(lambda: g.events("article.42") == [(1, "e1")])
        await eventually(lambda: len(dead.taken) == 3)
        reasons = [str(letter.headers["reason"]) for letter in dead.taken]
        assert reasons[1].startswith("data.op:")
        assert [letter.body for letter in dead.taken] == [b"\xff", bad, b"\xc1"]


async def test_a_key_without_a_slot_or_with_a_wrong_one_still_arrives(connect: Connect) -> None:
    wrong = (slot_of(DocumentId("article.42")) + 1) % 16
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.DEAD, "#"), queue="dead") as dead,
    ):
        await g.join("article.42", "c1", "leela")
        await publish(connect, Outgoing(topology.IN, "article.42", event("article.42", "e1")))
        await eventually(lambda: g.events("article.42") == [(1, "e1")])
        await publish(
            connect, Outgoing(topology.IN, f":{wrong:02d}.article.42", event("article.42", "e2"))
        )
        await eventually(lambda: g.events("article.42") == [(1, "e1"), (2, "e2")])
        await publish(connect, Outgoing(topology.IN, "whatever", b"{}"))
        await eventually(lambda: [d.key for d in dead.taken] == [topology.INTAKE])


async def test_a_browser_sends_and_is_told_the_number(connect: Connect) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join("article.42", "c1", "leela")
        sent = SendAct(connection="c1", event=event("article.42", "s1"), request=5)
        seen = SendAct(connection="c1", event=event("article.42", "x1"), ephemeral=True, request=6)
        forged = SendAct(
            connection="c1",
            event=event("article.42", "f1", '{"op":"u","entity":"a"}', "presently.change"),
            request=7,
        )
        await g.act("article.42", sent, sent, seen, forged)
        await eventually(lambda: len(g.replies) == 4)
        assert [reply for reply in g.replies if isinstance(reply, Done)] == [
            Done(request=5, document="article.42", seq=1),
            Done(request=5, document="article.42", seq=1),
            Done(request=6, document="article.42", seq=None),
        ]
        assert [reply.code for reply in g.replies if isinstance(reply, Refused)] == [
            "invalid_event"
        ]
        await eventually(lambda: g.events("article.42") == [(1, "s1"), (0, "x1")])


async def test_who_was_away_gets_what_is_missing(connect: Connect) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join("article.42", "c1", "leela")
        await publish(connect, *(change("article.42", f"e{n}") for n in range(1, 6)))
        await eventually(lambda: len(g.events("article.42")) == 5)
        epoch = g.places["article.42"].epoch
        ask = messages.AskAct(connection="", ask=9, since=Position(epoch, 3))
        await g.act("article.42", ask)
        answer = await eventually(lambda: g.answered(9))
        assert (answer.since, answer.recovered, answer.seq) == (3, True, 5)
        assert [json.loads(body)["id"] for body in answer.events] == ["e4", "e5"]
        await g.act("article.42", messages.AskAct(connection="", ask=10, since=Position("k1", 3)))
        other = await eventually(lambda: g.answered(10))
        assert (other.recovered, other.events) == (False, [])


async def test_a_lease_is_granted_refused_taken_over_and_ends_with_its_seat(
    connect: Connect,
) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join("article.42", "c1", "leela")
        await g.join("article.42", "c2", "leela")
        await g.join("article.42", "c3", "fry")
        await eventually(lambda: len(g.present("article.42")) == 2)
        for request, connection in enumerate(("c1", "c3", "c2"), 1):
            wish = UpdateAct(connection=connection, mode="editing", lease=True, request=request)
            await g.act("article.42", wish)
        await eventually(lambda: len(g.replies) == 4)
        first, refused, lost, second = g.replies
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert isinstance(refused, Refused)
        assert first.fence is not None
        assert second.fence is not None
        assert second.fence > first.fence
        assert (refused.code, refused.by, refused.by_name) == ("locked", "leela", "Leela")
        assert lost == messages.LeaseLost(
            document="article.42", connection="c1", reason="taken", fence=first.fence
        )
        await g.act("article.42", LeaveAct(connection="c2"))
        await eventually(lambda: g.heard and g.heard[-1].frame.get("lease") is None)
        await eventually(lambda: g.present("article.42") == {"leela": "editing", "fry": "reading"})


async def test_a_silent_gateway_is_lost_once_and_asked_when_it_is_back(connect: Connect) -> None:
    lost = (topology.CLIENTS, "gateway.lost")
    async with (
        hub(connect),
        gateway(connect, "g1") as stays,
        gateway(connect, "g2") as dies,
        listener(connect, lost, queue="b1") as backend,
    ):
        await stays.join("article.42", "c1", "leela")
        await dies.join("article.42", "c2", "fry")
        await eventually(lambda: set(stays.present("article.42")) == {"leela", "fry"})
        dies.beating = False
        await eventually(lambda: stays.present("article.42") == {"leela": "reading"})
        await eventually(lambda: len(backend.taken) == 1)
        message = messages.read_life(backend.taken[0].body)
        assert isinstance(message, messages.GatewayLost)
        assert message.gateway == "g2"
        dies.beating = True
        await eventually(lambda: "g2" in [wanted.gateway for wanted in dies.wanted])
        await eventually(lambda: set(stays.present("article.42")) == {"leela", "fry"})


async def test_two_hundred_acts_at_once_end_as_a_simple_model_says(connect: Connect) -> None:
    luck = random.Random(7)
    documents = [f"article.{n}" for n in range(5)]
    model: dict[str, dict[str, tuple[str, str]]] = {document: {} for document in documents}
    async with (
        hub(connect, QUICK),
        gateway(connect, "g1") as g1,
        gateway(connect, "g2") as g2,
    ):
        for number in range(200):
            document = luck.choice(documents)
            seats = model[document]
            what = luck.random()
            if seats and what < 0.3:
                connection = luck.choice(sorted(seats))
                g = g1 if connection.startswith("a") else g2
                await g.act(document, LeaveAct(connection=connection))
                del seats[connection]
            elif seats and what < 0.5:
                connection = luck.choice(sorted(seats))
                g = g1 if connection.startswith("a") else g2
                await g.act(document, UpdateAct(connection=connection, mode="editing"))
                seats[connection] = (seats[connection][0], "editing")
            else:
                where, g = luck.choice((("a", g1), ("b", g2)))
                user = f"user-{luck.randrange(12)}"
                await g.join(document, f"{where}{number}", user)
                seats[f"{where}{number}"] = (user, "reading")
        for document in documents:
            for watcher in (g1, g2):
                await watcher.join(document, f"{watcher.id}-eye", "eye", "watching")
        await g1.act(documents[0], messages.AskAct(connection="", ask=1))

        def expected(document: str) -> dict[str, str]:
            users: dict[str, str] = {}
            for user, mode in model[document].values():
                users[user] = "editing" if "editing" in (mode, users.get(user)) else "reading"
            return users

        for index, document in enumerate(documents):
            await g1.act(document, messages.AskAct(connection="", ask=100 + index))

        def agree() -> bool:
            for index, document in enumerate(documents):
                answer = g1.answer(100 + index)
                assert answer is not None
                told = {user.id: user.mode for user in answer.presence.users}
                assert told == expected(document)
            return True

        await eventually(agree)


async def test_a_successor_has_nothing_new_to_say(connect: Connect) -> None:
    async with hub(connect), gateway(connect) as g:
        await g.join("article.42", "c1", "leela")
        await publish(connect, *(change("article.42", f"e{n}") for n in range(10)))
        await eventually(lambda: len(g.events("article.42")) == 10)
    async with hub(connect), gateway(connect, "g2") as other:
        # Nothing but the last message was left unacknowledged, and that one is known.
        await other.join("article.42", "c2", "fry", ask=1)
        answer = await eventually(lambda: other.answered(1))
        assert answer.seq == 10
        assert other.events("article.42") == []
