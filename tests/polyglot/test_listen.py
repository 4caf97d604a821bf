"""A backend in each language hears connect, receive, joined, an event, left, disconnect."""

from __future__ import annotations

import pytest

from tests.polyglot.conftest import House
from tests.polyglot.languages import LISTENERS, Language
from tests.polyglot.programs import running
from tests.support.eventually import NotInTime, eventually
from tests.support.stack import RIGHTS, token
from tests.support.tab import open_tab

pytestmark = [pytest.mark.polyglot, pytest.mark.rabbit, pytest.mark.asyncio(loop_scope="session")]

VISITS = 10
"""For a listener that cannot say when its queues are bound."""


@pytest.mark.parametrize("language", LISTENERS, ids=lambda language: language.name)
async def test_a_visit_is_heard(house: House, language: Language) -> None:
    command = (*language.listen, "article.#")
    async with running(command, language.folder, PRESENTLY_URL=house.listen_url) as (_, said):
        await eventually(lambda: said[:1] == ["listening"], within=30, what="listening")
        if language.tells_when:
            await heard(said, *await visit(house, f"article.{language.name}", "fry"), within=15)
            return
        for number in range(VISITS):
            lines = await visit(house, f"article.{language.name}-{number}", f"fry{number}")
            try:
                return await heard(said, *lines, within=3)
            except NotInTime:
                if number == VISITS - 1:
                    raise


async def visit(house: House, document: str, user: str) -> tuple[list[str], list[str]]:
    """Come, edit, say something, go; what is to be heard of the connection and the document."""
    rights = RIGHTS | {"article.*": "edit"}
    async with open_tab(house.gateway.url, token(user, rights)) as tab:
        await tab.join(document)
        await tab.update(document, mode="editing")
        await tab.send(document, "cursor.moved", {"x": 3})
        await tab.leave(document)
        connection = tab.connection
    acts = [f"receive {connection} {document} {act}" for act in ("join", "update", "send", "leave")]
    life = [f"connect {connection} {user}", *acts, f"disconnect {connection} closed"]
    # Presence is told once per tick: who goes within the tick of coming was never there.
    return life, [f"event {document} cursor.moved"]


async def heard(said: list[str], life: list[str], document: list[str], *, within: float) -> None:
    """Return once all of these lines were printed."""
    wanted = life + document
    await eventually(lambda: set(wanted) <= set(said), within=within, what=f"{wanted} in {said}")


@pytest.mark.parametrize("language", LISTENERS, ids=lambda language: language.name)
async def test_who_joins_and_leaves_is_heard(house: House, language: Language) -> None:
    command = (*language.listen, "article.#")
    async with running(command, language.folder, PRESENTLY_URL=house.listen_url) as (_, said):
        await eventually(lambda: said[:1] == ["listening"], within=30, what="listening")
        for number in range(VISITS):
            document = f"article.{language.name}-room-{number}"
            try:
                return await joined_and_left(
                    house, document, said, 15 if language.tells_when else 3
                )
            except NotInTime:
                if language.tells_when or number == VISITS - 1:
                    raise


async def joined_and_left(house: House, document: str, said: list[str], within: float) -> None:
    """Two users come, one changes and goes: three lines, no more."""

    def of_document() -> list[str]:
        return [line for line in said if line.split()[:2][1:] == [document]]

    async with open_tab(house.gateway.url, token("leela")) as leela:
        await leela.join(document)
        joined = [f"joined {document} leela"]
        await eventually(lambda: of_document() == joined, within=within, what="leela is heard")
        async with open_tab(house.gateway.url, token("fry")) as fry:
            await fry.join(document)
            joined = [*joined, f"joined {document} fry"]
            await eventually(lambda: of_document() == joined, within=within, what="fry is heard")
            await fry.update(document, mode="editing")
            await leela.until_mode(document, "fry", "editing")
            await fry.leave(document)
            joined = [*joined, f"left {document} fry"]
            await eventually(lambda: of_document() == joined, within=within, what="fry leaves")
