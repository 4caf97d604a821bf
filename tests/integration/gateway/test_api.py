"""The HTTP API on the real hub: post, look, be refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from broker.port import Outgoing
from gateway.posted import BATCH_EVENTS, BODY_BYTES
from schemas import ids
from schemas.events import BATCH_TYPE, JSON_TYPE
from tests.integration.gateway.support import API_KEY, House, house
from tests.support.eventually import eventually

DOC = "article.42"
AUTH = {"authorization": f"Bearer {API_KEY}"}


@asynccontextmanager
async def served(gateways: int = 1) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    async with (
        house(gateways) as built,
        httpx.AsyncClient(headers=AUTH, base_url=built.api(), timeout=20) as http,
    ):
        yield built, http


def event(id: str = "1", **more: Any) -> dict[str, Any]:
    said = {"specversion": "1.0", "id": id, "source": "/test", "type": "said", "subject": DOC}
    return {**said, **more}


async def post(http: httpx.AsyncClient, body: Any, kind: str = JSON_TYPE) -> httpx.Response:
    return await http.post("/events", json=body, headers={"content-type": kind})


async def test_a_posted_event_reaches_the_browsers_untouched() -> None:
    async with served() as (built, http):
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        sent = event(actor="fry", data={"a": [1, None]}, other="kept")
        answer = await post(http, sent)
        assert (answer.status_code, answer.json()) == (202, {"ids": ["1"]})
        frame = await leela.hears(type="event")
        assert frame["event"] == sent


@pytest.mark.parametrize(
    "id", ["日" * 128, "x" * 128, "\U0001f600" * 64], ids=["three bytes", "ascii", "four bytes"]
)
async def test_the_longest_id_is_taken_in_any_script(id: str) -> None:
    async with served() as (built, http):
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        answer = await post(http, event(id))
        assert (answer.status_code, answer.json()) == (202, {"ids": [id]})
        assert (await leela.hears(type="event"))["event"]["id"] == id


async def test_a_batch_is_taken_in_order() -> None:
    async with served() as (built, http):
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        batch = [event(f"e{n}") for n in range(BATCH_EVENTS)]
        answer = await post(http, batch, BATCH_TYPE)
        assert answer.json()["ids"] == [said["id"] for said in batch]
        await leela.hears(type="event", seq=BATCH_EVENTS)
        told = [frame["event"]["id"] for frame in leela.all(type="event")]
        assert told == [said["id"] for said in batch]
        assert (await post(http, [], BATCH_TYPE)).json() == {"ids": []}


@pytest.mark.parametrize(
    ("body", "kind", "at", "index"),
    [
        ({}, JSON_TYPE, None, None),
        (event(subject="no id"), JSON_TYPE, "subject", None),
        (event(specversion="2.0"), JSON_TYPE, "specversion", None),
        ({**event(), "id": 7}, JSON_TYPE, "id", None),
        (event(data=[]), JSON_TYPE, "data", None),
        (event(type="presently.change", data={"op": "?"}), JSON_TYPE, "data.op", None),
        ([event(), event("2", type=3)], BATCH_TYPE, "type", 1),
        ({}, BATCH_TYPE, "", None),
        ([event()] * (BATCH_EVENTS + 1), BATCH_TYPE, "", None),
    ],
)
async def test_a_bad_event_is_told_where_and_nothing_is_taken(
    body: Any, kind: str, at: str | None, index: int | None
) -> None:
    async with served() as (_, http):
        answer = await post(http, body, kind)
        assert answer.status_code == 400
        said = answer.json()
        assert (said["code"], said["temporary"]) == ("invalid_event", False)
        assert said["message"]
        assert said.get("index") == index
        if at is not None:
            assert said["at"] == at
        assert (await http.get(f"/documents/{DOC}")).json()["seq"] == 0


async def test_other_things_that_are_wrong() -> None:
    async with served() as (_, http):
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await http.post("/events", content=b"a=b", headers=form)).status_code == 415
        big = b" " * (BODY_BYTES + 1)
        answer = await http.post("/events", content=big, headers={"content-type": JSON_TYPE})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_big")
        assert (await http.get("/documents/nothing")).json()["code"] == "invalid_document"
        assert (await http.get("/collections/a..b")).status_code == 400
        for limit in ("0", "101", "x", "-1", "²", "0000000019999"):
            assert (await http.get("/dead", params={"limit": limit})).status_code == 400
        for records in ("0", "2001", "x", "0000000019999"):
            assert (await http.get("/types", params={"records": records})).status_code == 400


async def test_without_a_key_nothing_is_told() -> None:
    async with served() as (built, http):
        for given in ("", "Bearer", "Bearer wrong", f"Basic {API_KEY}", f"Bearer {API_KEY}x"):
            headers = {"authorization": given}
            for path in ("/status", "/documents/article.42", "/dead", "/types"):
                answer = await http.get(path, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
            assert (await http.post("/events", headers=headers)).status_code == 401
        none = await built.gateway(api_keys=())
        assert (await http.get(built.api(none) + "/status")).status_code == 401


async def test_who_is_at_a_document_as_browsers_see_it() -> None:
    async with served(2) as (built, http):
        leela = await built.browser("leela", 0, client={})
        fry = await built.browser("fry", 1)
        await leela.ask("join", document=DOC, state={"field": "title"})
        await fry.ask("join", document=DOC)
        fence = (await fry.ask("update", document=DOC, mode="editing", lease=True))["fence"]
        await post(http, event())
        await leela.hears(type="event")

        async def told() -> bool:
            answers = [(await http.get(built.api(n) + f"/documents/{DOC}")).json() for n in (0, 1)]
            assert answers[0] == answers[1]
            said = answers[0]
            assert (said["document"], said["seq"], said["complete"]) == (DOC, 1, True)
            assert said["counts"] == {"reading": 1, "editing": 1}
            assert said["lease"] == {"user": "fry", "fence": fence}
            users = {user["id"]: user for user in said["users"]}
            assert users["leela"] == {
                "id": "leela",
                "name": "Leela",
                "info": {},
                "mode": "reading",
                "state": {"field": "title"},
            }
            return True

        await eventually(told)


async def test_ids_with_percent_signs_are_asked_for_as_they_are_or_encoded() -> None:
    async with served() as (_, http):
        document = ids.document_id("article", "a/b c")
        await post(http, event(subject=document))

        async def known() -> bool:
            for path in (document, document.replace("%", "%25")):
                said = (await http.get(f"/documents/{path}")).json()
                assert (said["document"], said["seq"]) == (document, 1)
            return True

        await eventually(known)


async def test_who_is_where_in_a_collection_also_when_nobody_watches() -> None:
    async with served(2) as (built, http):
        fry = await built.browser("fry", 1)
        await fry.ask("join", document=DOC, mode="editing")

        async def told() -> bool:
            said = (await http.get("/collections/article")).json()
            assert (said["collection"], said["complete"]) == ("article", True)
            (document,) = said["documents"]
            assert (document["document"], document["counts"]["editing"]) == (DOC, 1)
            assert [user["id"] for user in document["users"]] == ["fry"]
            return True

        await eventually(told)
        assert (await http.get("/collections/page")).json() == {
            "collection": "page",
            "complete": True,
            "documents": [],
        }


async def test_status_names_everybody_who_was_heard() -> None:
    async with served(2) as (built, http):
        await built.browser("leela", 1)

        async def told() -> bool:
            said = (await http.get("/status")).json()
            assert sorted(g["connections"] for g in said["gateways"]) == [0, 1]
            (hub,) = said["hubs"]
            assert said["shards"] == [hub["worker"]] * 16
            assert (said["broker"], said["dead"], said["relays"]) == (True, 0, [])
            return True

        await eventually(told)


async def test_a_gateways_first_heartbeat_is_heard_at_once() -> None:
    async with served() as (built, http):
        await built.gateway(heartbeat_ms=60_000)

        async def told() -> bool:
            return len((await http.get("/status")).json()["gateways"]) == 2

        await eventually(told, within=2)


async def test_a_gateway_counts_itself_also_without_a_broker() -> None:
    async with served() as (built, http):
        built.bus.stop()
        alone = await built.gateway(heartbeat_ms=60_000)
        said = (await http.get(f"{built.api(alone)}/status")).json()
        assert said["broker"] is False
        assert [gateway["age_ms"] for gateway in said["gateways"]] == [0]
        built.bus.start()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nonsense", 404, "not_found"), ("DELETE", "/events", 405, "bad_method")],
)
async def test_unknown_paths_are_answered_in_json(
    method: str, path: str, status: int, code: str
) -> None:
    async with served() as (_, http):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["temporary"] is False
        assert ("allow" in answer.headers) == (status == 405)


async def test_types_that_were_produced_are_told_with_documents() -> None:
    async with served() as (built, http):
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        await post(http, event("1"))
        await leela.ask("send", document=DOC, event={"type": "cursor.moved"}, ephemeral=True)
        await leela.hears(type="event", seq=1)
        said = (await http.get("/types")).json()
        (one,) = said["types"]
        assert said["complete"] is True
        assert (one["type"], one["count"], one["documents"]) == ("said", 1, [DOC])


async def test_dead_letters_are_shown_and_stay() -> None:
    async with served() as (built, http):
        broker = await built.bus.connect("a script")
        channel = await broker.open()
        await channel.send(
            [
                Outgoing("hub.in", ids.routing_key(ids.parse_document(DOC)), b"no event"),
                Outgoing("hub.in", ids.routing_key(ids.parse_document(DOC)), b"\xff\xfe"),
            ]
        )

        async def shown() -> bool:
            letters = (await http.get("/dead")).json()["dead"]
            assert [letter.get("body", letter.get("body_base64")) for letter in letters] == [
                "no event",
                "//4=",
            ]
            assert all(letter["reason"] for letter in letters)
            return True

        await eventually(shown)
        assert len((await http.get("/dead", params={"limit": 1})).json()["dead"]) == 1
        await eventually(shown)
        assert (await http.get("/status")).json()["dead"] == 2
        await broker.close()


async def test_without_a_broker_everything_is_temporary() -> None:
    async with house(0, hub=False) as built:
        built.bus.stop()
        await built.gateway()
        async with httpx.AsyncClient(headers=AUTH, base_url=built.api()) as http:
            answer = await post(http, event())
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.json()["temporary"] is True
            assert answer.headers["retry-after"] == "1"
            assert (await http.get("/dead")).status_code == 503
            assert (await http.get("/types")).status_code == 503
            assert (await http.get("/status")).json()["broker"] is False
            assert not built.healths[0].ready
