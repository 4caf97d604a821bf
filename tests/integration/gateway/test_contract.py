"""A day in the life of two gateways and a hub, in which everything is said that can be."""

from __future__ import annotations

import httpx

from broker.port import Outgoing
from schemas import codec, corpus, messages, topology
from tests.integration.gateway.support import API_KEY, house
from tests.support.contract import Listener
from tests.support.eventually import eventually

DOC, LIST = "article.42", "article.~"
SAID = {
    *("to-shard acts", "to-shard seats", "to-shard watch"),
    *("life connect", "life disconnect", "to-gateway replies"),
    *("control hub", "control gateway", "control seats_wanted"),
    *("log claim", "log batch", "log state"),
    *("marks event", "marks presence", "gateway-frames event", "gateway-frames presence"),
    "event said",
}


async def test_everything_said_on_the_bus_and_to_browsers_is_as_its_schema_says(
    contract: Listener,
) -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        fry = await built.browser("fry", 1)
        for browser in (leela, fry):
            await browser.ask("join", document=LIST, mode="watching")
            await browser.ask("join", document=DOC, state={"tab": 1})
        granted = await fry.ask("update", document=DOC, mode="editing", lease=True)
        assert granted["type"] == "ok"
        assert (await leela.ask("update", document=DOC, mode="editing", lease=True))["by"]
        await fry.ask("send", document=DOC, event={"id": "e1", "type": "said", "data": {"n": 1}})
        await fry.ask("send", document=DOC, event={"type": "moved"}, ephemeral=True)
        await leela.ask("sync", document=LIST)
        assert (await leela.ask("dance"))["code"] == "unknown_type"
        headers = {"authorization": f"Bearer {API_KEY}"}
        async with httpx.AsyncClient(headers=headers, base_url=built.api()) as http:
            event = {
                "specversion": "1.0",
                "id": "1",
                "source": "/t",
                "type": "said",
                "subject": DOC,
            }
            kind = {"content-type": "application/cloudevents+json"}
            assert (await http.post("/events", json=event, headers=kind)).status_code == 202
        await leela.hears(type="event", seq=2)
        await leela.hears(type="summary")
        await fry.ask("leave", document=DOC)
        await fry.socket.close()
        await eventually(lambda: set(contract.heard) >= SAID, what="everything is said")
    kinds = {frame["type"] for browser in (leela, fry) for frame in browser.heard}
    assert kinds >= {"welcome", "joined", "event", "presence", "summary", "ok", "error"}


def test_what_breaks_the_contract_is_heard() -> None:
    nameless = messages.Watch(gateway="no/name", term=1, collection="article", on=True)
    (mark, *_) = corpus.MARKS
    frame = b'{"type":"reset","document":"article.42","epoch":"m1"}'
    for wrong in (
        Outgoing(topology.CLIENTS, topology.watch_key(3), codec.pack(nameless)),
        Outgoing(topology.EVENTS, "article.42.reset", frame, headers=mark.headers()),
        Outgoing("doc.article.42", "article.42.reset", b'{"type":"ping"}', headers={"w": "news"}),
    ):
        listener = Listener()
        listener.hear([wrong])
        assert listener.wrong() != []
