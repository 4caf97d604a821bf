"""A backend in each language hears connect, receive, joined, an event, left, disconnect."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from tests.polyglot.conftest import House
from tests.polyglot.languages import LISTENERS, Language
from tests.polyglot.programs import running
from tests.support.eventually import NotInTime, eventually
from tests.support.stack import RIGHTS, token
from tests.support.tab import open_tab
from tests.support.wire import Wire

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

VISITS = 10
"""For a listener that cannot say when its queues are bound."""


@pytest.mark.parametrize("language", LISTENERS, ids=lambda language: language.name)
async def test_a_visit_is_heard(house: House, language: Language) -> None:
    async with listening(house, language) as said:
        lines = await visit(house, f"article.{language.name}", "fry")
        await heard(said, lines, within=15)


@pytest.mark.parametrize("language", LISTENERS, ids=lambda language: language.name)
async def test_who_joins_and_leaves_is_heard(house: House, language: Language) -> None:
    async with listening(house, language) as said:
        await joined_and_left(house, f"article.{language.name}-room", said)


@pytest.mark.parametrize("language", LISTENERS, ids=lambda language: language.name)
async def test_who_is_cut_off_comes_back_or_ends_with_an_error(
    house: House, language: Language
) -> None:
    url = URL(house.listen_url)
    wire = await Wire.to("127.0.0.1", url.port or 5672)
    env = {"PRESENTLY_URL": str(url.with_port(wire.port))}
    command = (*language.listen, "article.#")
    try:
        async with running(command, language.folder, **env) as (process, said):
            await eventually(lambda: said[:1] == ["listening"], within=30, what="listening")
            if not language.tells_when:
                await hears(house, language, said)
            wire.cut()
            if language.comes_back:
                await hears(house, language, said)
            else:
                async with asyncio.timeout(20):
                    assert await process.wait() != 0
    finally:
        await wire.close()


@contextlib.asynccontextmanager
async def listening(house: House, language: Language) -> AsyncIterator[list[str]]:
    """What a listener prints, from when it hears everything."""
    command = (*language.listen, "article.#")
    async with running(command, language.folder, PRESENTLY_URL=house.listen_url) as (_, said):
        await eventually(lambda: said[:1] == ["listening"], within=30, what="listening")
        if not language.tells_when:
            await hears(house, language, said)
        yield said


async def hears(house: House, language: Language, said: list[str]) -> None:
    """Return once a visit was heard, of several."""
    for number in range(VISITS):
        with contextlib.suppress(NotInTime):
            lines = await visit(house, f"article.{language.name}-{number}", f"zapp{number}")
            return await heard(said, lines, within=3)
    raise AssertionError(f"no visit was heard: {said}")


async def visit(house: House, document: str, user: str) -> list[str]:
    """Come, edit, say something, go; what is to be heard of the connection and the document."""
    rights = RIGHTS | {"article.*": "edit"}
    async with open_tab(house.gateway.url, token(user, rights)) as tab:
        await tab.join(document)
        await tab.update(document, mode="editing")
        await tab.send(document, "cursor.moved", {"x": 3})
        await tab.leave(document)
        connection = tab.connection
    acts = [f"receive {connection} {document} {act}" for act in ("join", "update", "send", "leave")]
    # Presence is told once a tick: who goes within the tick of coming was never there.
    return [
        f"connect {connection} {user}",
        *acts,
        f"event {document} cursor.moved",
        f"disconnect {connection} closed",
    ]


async def heard(said: list[str], lines: list[str], *, within: float) -> None:
    """Return once all of these lines were printed."""
    await eventually(lambda: set(lines) <= set(said), within=within, what=f"{lines} in {said}")


async def joined_and_left(house: House, document: str, said: list[str]) -> None:
    """Two users come, one changes and goes: three lines, no more."""

    def of_document() -> list[str]:
        return [line for line in said if line.split()[:2][1:] == [document]]

    async with open_tab(house.gateway.url, token("leela")) as leela:
        await leela.join(document)
        joined = [f"joined {document} leela"]
        await eventually(lambda: of_document() == joined, within=15, what="leela is heard")
        async with open_tab(house.gateway.url, token("fry")) as fry:
            await fry.join(document)
            joined = [*joined, f"joined {document} fry"]
            await eventually(lambda: of_document() == joined, within=15, what="fry is heard")
            await fry.update(document, mode="editing")
            await leela.until_mode(document, "fry", "editing")
            await fry.leave(document)
            joined = [*joined, f"left {document} fry"]
            await eventually(lambda: of_document() == joined, within=15, what="fry leaves")
