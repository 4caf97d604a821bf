"""What only the packages do, and how publishers end when the broker goes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json

import jwt
import pytest
from yarl import URL

from tests.polyglot.conftest import House
from tests.polyglot.languages import (
    ALL,
    GO_HTTP,
    NODE,
    NODE_HTTP,
    PACKAGES,
    Language,
)
from tests.polyglot.programs import publisher, run, running
from tests.support.eventually import eventually
from tests.support.stack import API_KEY, JWT_KEY, token
from tests.support.tab import open_tab
from tests.support.wire import Wire

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

COMMENT = {"node": (NODE, "examples/comment.js"), "go": ("bin/comment",)}
TOKEN = {"node": (NODE, "examples/token.js"), "go": ("bin/token",)}


OVER_AMQP = pytest.mark.parametrize(
    "language", [each for each in ALL if each.over == "amqp"], ids=lambda language: language.name
)
RECIPES_OVER_AMQP = [each for each in ALL if each.over == "amqp" and each not in PACKAGES]
OVER_BOTH = pytest.mark.parametrize(
    "language", [*PACKAGES, NODE_HTTP, GO_HTTP], ids=lambda language: language.name
)
OF_EACH = pytest.mark.parametrize("language", PACKAGES, ids=lambda language: language.name)


async def wire_to(house: House) -> tuple[Wire, str]:
    """A wire to the broker and the producer's URL through it."""
    url = URL(house.urls["amqp"])
    wire = await Wire.to("127.0.0.1", url.port or 5672)
    return wire, str(url.with_port(wire.port))


@OF_EACH
async def test_a_publisher_reconnects(house: House, language: Language) -> None:
    wire, url = await wire_to(house)
    document = f"article.{language.name}-cut"
    try:
        async with (
            open_tab(house.gateway.url, token("fry")) as fry,
            running(language.publish, language.folder, PRESENTLY_URL=url) as (process, said),
        ):
            await fry.join(document)
            assert process.stdin is not None
            for number in range(5):
                line = {"document": document, "type": "a.b", "data": {"n": number}}
                process.stdin.write(json.dumps(line).encode() + b"\n")
                await eventually(functools.partial(has, said, number + 1), within=20)
                wire.cut()
            events = await fry.until_events(document, 5)
            assert [event["data"]["n"] for event in events] == [0, 1, 2, 3, 4]
    finally:
        await wire.close()


def has(said: list[str], lines: int) -> bool:
    """Whether so many were printed."""
    return len(said) == lines


def has_line(said: list[str], line: str) -> bool:
    """Whether this was printed."""
    return line in said


@OVER_AMQP
async def test_a_broker_that_says_nothing_is_given_up_in_time(
    house: House, language: Language
) -> None:
    wire, url = await wire_to(house)
    line = {"document": "article.42", "type": "a.b", "data": {}}
    try:
        async with running(language.publish, language.folder, PRESENTLY_URL=url) as (program, said):
            assert program.stdin is not None
            program.stdin.write(json.dumps(line).encode() + b"\n")
            await eventually(lambda: len(said) == 1, within=20)
            wire.stop()
            program.stdin.write(json.dumps(line).encode() + b"\n")
            async with asyncio.timeout(60):  # its own patience is 5 s, and some to close
                assert await program.wait() != 0
            assert len(said) == 1
    finally:
        wire.go_on()
        await wire.close()


@pytest.mark.parametrize("language", RECIPES_OVER_AMQP, ids=lambda language: language.name)
async def test_a_recipe_that_is_cut_off_goes_on_or_ends_with_an_error(
    house: House, language: Language
) -> None:
    wire, url = await wire_to(house)
    line = {"document": "article.42", "type": "a.b", "data": {}}
    try:
        async with running(language.publish, language.folder, PRESENTLY_URL=url) as (program, said):
            assert program.stdin is not None
            for _ in range(2):
                with contextlib.suppress(ConnectionError):  # it has ended
                    program.stdin.write(json.dumps(line).encode() + b"\n")
                await eventually(lambda: len(said) == 1, within=20)
                wire.cut()
            program.stdin.close()
            async with asyncio.timeout(30):
                ended = await program.wait()
            assert (ended == 0) == (len(said) == 2), (ended, said)
    finally:
        await wire.close()


@OF_EACH
async def test_a_listener_reconnects(house: House, language: Language) -> None:
    url = URL(house.listen_url)
    wire = await Wire.to("127.0.0.1", url.port or 5672)
    document = f"article.{language.name}-again"
    command = (*language.listen, "article.#")
    env = {"PRESENTLY_URL": str(url.with_port(wire.port))}
    try:
        async with running(command, language.folder, **env) as (_, said):
            await eventually(lambda: said == ["listening"], within=20)
            wire.cut()
            await eventually(lambda: said == ["listening"] * 2, within=20)
            async with open_tab(house.gateway.url, token("fry")) as fry:
                await fry.join(document)
                await eventually(lambda: f"joined {document} fry" in said, within=20)
    finally:
        await wire.close()


@OF_EACH
async def test_a_durable_queue_keeps_what_comes_meanwhile(house: House, language: Language) -> None:
    command = (*language.listen, "article.#")
    env = {"PRESENTLY_URL": house.amqp_url, "QUEUE": f"shop.{language.name}"}
    document = f"article.{language.name}-away"

    async def publish(type: str) -> None:
        line = {"document": document, "type": type, "data": {}}
        assert (await publisher(language, house.urls, [line])).code == 0

    async with running(command, language.folder, **env) as (_, said):
        await eventually(lambda: said == ["listening"], within=20)
        for type in ("a.first", "a.next"):  # what is heard next shows that the first was taken
            await publish(type)
            await eventually(functools.partial(has_line, said, f"event {document} {type}"))
    await publish("a.last")
    async with running(command, language.folder, **env) as (_, said):
        await eventually(functools.partial(has_line, said, f"event {document} a.last"), within=20)
        assert not has_line(said, f"event {document} a.first")


@OVER_BOTH
async def test_one_event_goes_to_several_documents_and_its_repeat_to_none(
    house: House, language: Language
) -> None:
    here, there = (f"article.{language.name}-{place}" for place in ("here", "there"))
    line = {"documents": [here, there, here], "type": "a.b", "data": {}, "id": language.name}
    last = {"documents": [here, there], "type": "a.last", "data": {}}
    async with open_tab(house.gateway.url, token("fry")) as fry:
        for document in (here, there):
            await fry.join(document)
        ended = await publisher(language, house.urls, [line, line, last])
        assert ended.lines[:2] == [language.name] * 2, ended
        for document in (here, there):
            events = await fry.until_events(document, 2)
            assert [event["type"] for event in events] == ["a.b", "a.last"]
            assert events[0]["id"] == language.name


@OF_EACH
async def test_a_comment_and_who_is_there(house: House, language: Language) -> None:
    url = str(URL(house.gateway.api).with_user(API_KEY))
    async with open_tab(house.gateway.url, token("leela")) as leela:
        await leela.join("article.42", "editing")
        ended = await run(COMMENT[language.name], language.folder, PRESENTLY_URL=url)
        assert ended.code == 0, ended
        said = "\n".join(ended.lines)
        assert "leela" in said
        assert "editing" in said
        await eventually(lambda: leela.events("article.42"))
        event = leela.events("article.42")[-1]
    assert (event["type"], event["data"], event["actor"]) == (
        "comment.added",
        {"text": "nice"},
        "fry",
    )
    assert said.startswith(event["id"])


@OF_EACH
async def test_a_minted_token_opens_the_gateway(house: House, language: Language) -> None:
    ended = await run(TOKEN[language.name], language.folder, JWT_KEY=JWT_KEY)
    (minted,) = ended.lines
    claims = jwt.decode(minted, JWT_KEY, algorithms=["HS256"], audience="presently")
    assert (claims["sub"], claims["name"]) == ("fry", "Philip J. Fry")
    async with open_tab(house.gateway.url, minted) as fry:
        assert fry.user["name"] == "Philip J. Fry"
        await fry.join("article.42", "editing")
