"""Bad input gets the answer of the protocol, and the neighbour never notices."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

import aio_pika
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.eventually import eventually
from tests.support.stack import API_KEY, Stack, get, token
from tests.support.tab import Answered, Tab, open_tab

DOCUMENT = "article.42"


async def test_every_kind_of_bad_input_is_answered_and_the_neighbour_never_notices(
    stack: Stack, amqp_url: str
) -> None:
    gateway = stack.gateways[0]
    async with open_tab(gateway.url, token("leela")) as leela:
        await leela.join(DOCUMENT)
        frames_before = len(leela.raw)

        await bad_frames(gateway.url)
        await refused_tokens(gateway.url)
        await forbidden_and_forged(gateway.url)
        await oversize(gateway.url)
        await bad_requests(gateway.api)
        await nonsense_on_the_bus(amqp_url, gateway.api)

        news = [json.loads(raw)["type"] for raw in leela.raw[frames_before:]]
        assert set(news) <= {"ping"}, "the neighbour heard nothing of it"
        await leela.send(DOCUMENT, "still.here")
        await eventually(lambda: leela.types(DOCUMENT) == ["still.here"])
    assert "Traceback" not in gateway.said()


async def bad_frames(url: str) -> None:
    async with open_tab(url, token("mallory")) as tab:
        for text, code in (
            ("{", "bad_frame"),
            ("[]", "bad_frame"),
            ('{"type":"dance"}', "unknown_type"),
            ('{"type":"join","document":42}', "bad_frame"),
            ('{"type":"join","document":"article/42"}', "bad_frame"),
            ('{"type":"leave","document":"article.1"}', "not_joined"),
        ):
            seen = len(tab.raw)
            await tab.tell(text)
            frame = json.loads(await next_frame(tab, seen))
            assert (frame["type"], frame["code"], frame["temporary"]) == ("error", code, False)
    async with open_tab(url, token("mallory")) as tab:
        await tab.tell(b"\x00\x01 no text")
        await eventually(lambda: tab.closed in (1003, 4400))


async def refused_tokens(url: str) -> None:
    for bad in ("nonsense", token("mallory", ttl=-60), "a.b.c"):
        async with connect(url) as socket:
            await socket.send(json.dumps({"type": "hello", "id": "0", "token": bad}))
            async with asyncio.timeout(10):
                await socket.wait_closed()
            assert socket.close_code == 4401
    async with connect(url) as socket:
        await socket.send('{"type":"join","id":"1","document":"article.42"}')
        async with asyncio.timeout(20):  # A client has 10 s to say hello.
            assert json.loads(await socket.recv())["message"] == "say hello first"
            await socket.wait_closed()
        assert socket.close_code == 4002
    with pytest.raises(InvalidStatus):
        async with connect(url, origin="https://evil.example"):  # type: ignore[arg-type]
            pass


async def forbidden_and_forged(url: str) -> None:
    async with open_tab(url, token("mallory", {"memo.*": "read"})) as tab:
        assert await code_of(tab, "join", document=DOCUMENT) == "forbidden"
        assert await code_of(tab, "join", document="memo.1", mode="editing") == "forbidden"
        await tab.join("memo.1")
        event = {"type": "a.b"}
        assert await code_of(tab, "send", document="memo.1", event=event) == "forbidden"
        await tab.join("user.mallory")
        assert await code_of(tab, "join", document="user.leela") == "forbidden"
    async with open_tab(url, token("mallory", {"memo.1": "edit"})) as tab:
        assert await code_of(tab, "join", document="memo.~") == "forbidden"
        await tab.join("memo.1")
        forged = {"type": "presently.change", "data": {"op": "d", "entity": "memo"}}
        assert await code_of(tab, "send", document="memo.1", event=forged) == "forbidden"
        await tab.send("memo.1", "note.added", event={"actor": "leela", "source": "/pg"})
        await eventually(lambda: len(tab.events("memo.1")) == 1)
        sent = tab.events("memo.1")[0]
        assert (sent["actor"], sent["source"]) == ("mallory", f"/connection/{tab.connection}")


async def oversize(url: str) -> None:
    async with open_tab(url, token("mallory")) as tab:
        await tab.join("memo.1")
        big = {"type": "a.b", "data": {"x": "y" * 40_000}}
        assert await code_of(tab, "send", document="memo.1", event=big) == "too_big"
        assert await code_of(tab, "join", document="memo.2", state={"x": "y" * 2000}) == "too_big"
        await tab.tell(" " * 70_000)
        await eventually(lambda: tab.closed in (1009, 4413))


async def bad_requests(api: str) -> None:
    good: dict[str, Any] = {
        "specversion": "1.0",
        "id": "x",
        "source": "/x",
        "type": "a.b",
        "subject": "memo.3",
    }
    change = {"type": "presently.change", "data": {"op": "z", "entity": "memo"}}
    for fields, status, at in (
        ({"subject": "no/document"}, 400, "subject"),
        (change, 400, "data.op"),
        ({"specversion": "0.3"}, 400, "specversion"),
        ({"data": {"x": "y" * 70_000}}, 400, "data"),
    ):
        code, answer = await asyncio.to_thread(post, api, good | fields, API_KEY)
        assert (code, answer.get("at")) in ((status, at), (413, None), (400, "")), answer
        assert answer["code"] in ("invalid_event", "too_big")
    assert (await asyncio.to_thread(post, api, good, "a wrong key"))[0] == 401


async def nonsense_on_the_bus(amqp_url: str, api: str) -> None:
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("hub.in", ensure=False)
        clients = await channel.get_exchange("hub.clients", ensure=False)
        for target, key, body in (
            (exchange, "article.42", b"no event"),
            (exchange, ":03.article.42", b'{"specversion":"1.0"}'),
            (exchange, ":03.article.42", b"\xff\xfe"),
            (exchange, "nonsense", b"{}"),
            (exchange, ":99.what", b"{}"),
            (clients, ":03.article.42", b"\xc1\xc1"),
            (clients, ":03.seats", b"\x80"),
        ):
            await target.publish(aio_pika.Message(body), key, mandatory=False)

    async def all_dead() -> bool:
        dead = await asyncio.to_thread(get, api, "/v1/dead")
        return len(dead["dead"]) >= 7 and all(one["reason"] for one in dead["dead"])

    await eventually(all_dead)


async def next_frame(tab: Tab, seen: int) -> str:
    await eventually(lambda: len(tab.raw) > seen)
    return tab.raw[seen]


async def code_of(tab: Tab, type: str, **fields: Any) -> str:
    with pytest.raises(Answered) as caught:
        await tab.ask(type, **fields)
    return caught.value.code


def post(api: str, event: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        f"{api}/v1/events",
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
