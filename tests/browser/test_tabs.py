"""One person with several tabs is one person, and closing one tab takes nobody away."""

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.browser.conftest import Visit
from tests.browser.visitor import NOTES, Visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]

AT_THE_DEMO = "if (location.protocol === 'http:')"
"""`about:blank` may not touch the storage."""


async def reading(visit: Visit, document: MakeDocument) -> tuple[int, Visitor, Visitor]:
    """Leela reads a document; Fry watches the dashboard, and keeps what it shows."""
    id = await document("Two tabs")
    leela, fry = await visit("leela"), await visit("fry")
    await fry.dashboard()
    await leela.dashboard()
    await leela.open("Two tabs")
    await fry.sees(id, "yellow", "read by Leela")
    await fry.sees_people(2)
    await fry.watch("[data-count]")
    await fry.watch(f'[data-id="{id}"] [data-words]')
    return id, leela, fry


async def nothing_flickered(id: int, fry: Visitor) -> None:
    assert await fry.seen("[data-count]") == ["2 people here"]
    assert await fry.seen(f'[data-id="{id}"] [data-words]') == ["read by Leela"]


async def connection_of(visitor: Visitor) -> str:
    """Return the id of the page's connection, once it has one."""
    connection: str = await visitor.page.evaluate(
        "async () => (await import('/static/live.js')).live.connection"
    )
    assert connection
    return connection


async def test_a_second_tab_neither_doubles_nor_removes(
    visit: Visit, document: MakeDocument
) -> None:
    id, leela, fry = await reading(visit, document)
    second = await visit("leela", context=leela.page.context)
    await second.page.goto(leela.page.url)
    await second.sees_here("green", "Only you are here.")
    await second.leave()
    await second.page.goto(leela.page.url)  # by now the tab's first seats are gone
    await second.sees_here("green", "Only you are here.")
    await nothing_flickered(id, fry)


async def test_a_duplicated_tab_does_not_take_the_first_ones_seat(
    visit: Visit, document: MakeDocument
) -> None:
    id, leela, fry = await reading(visit, document)
    stored = await leela.page.evaluate("() => ({ ...sessionStorage })")
    copied = (
        f"{AT_THE_DEMO} for (const [key, value] of Object.entries({json.dumps(stored)}))"
        " sessionStorage.setItem(key, value);"
    )
    copy = await visit("leela", context=leela.page.context, beforehand=NOTES + copied)
    await copy.page.goto(leela.page.url)
    await copy.sees_here("green", "Only you are here.")
    await copy.leave()
    await eventually(lambda: one_seat_left(fry, id))
    await nothing_flickered(id, fry)


async def test_a_tab_that_claims_a_living_connection_gets_nothing_of_it(
    visit: Visit, document: MakeDocument
) -> None:
    id, leela, fry = await reading(visit, document)
    connection = await connection_of(leela)
    gateway = await leela.page.evaluate("() => document.body.dataset.gateway")
    key, value = json.dumps(f"presently.previous:{gateway}"), json.dumps(connection)
    thief = await visit(
        "leela",
        context=leela.page.context,
        beforehand=f"{NOTES} {AT_THE_DEMO} sessionStorage.setItem({key}, {value});",
    )
    await thief.dashboard()
    await thief.sees(id, "yellow", "read by you")
    await nothing_flickered(id, fry)
    assert await connection_of(leela) == connection


async def one_seat_left(fry: Visitor, id: int) -> bool:
    return await fry.stack.people(f"article.{id}") == {"leela": "reading"}
