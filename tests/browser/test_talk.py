"""The script of the talk, walked by two people in Chromium."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]
ROUNDS = 20


async def test_two_people_meet_at_a_document(visit: Visit, document: MakeDocument) -> None:
    id = await document("Moon base alpha")

    leela = await visit("leela")
    await leela.dashboard()
    await leela.sees_people(1)
    await leela.sees(id, "green", "free")

    fry = await visit("fry")
    await fry.dashboard()
    await fry.sees_people(2)
    await leela.sees_people(2)

    await fry.open("Moon base alpha")
    await leela.sees(id, "yellow", "read by Fry")
    await leela.sees_people(2)

    await fry.edit()
    await leela.sees(id, "yellow", "read by Fry")
    await fry.page.get_by_label("Title").focus()
    await leela.sees(id, "red", "edited by Fry")

    await fry.page.get_by_label("Title").fill("Moon base beta")
    await fry.save()
    await leela.sees(id, "yellow", "read by Fry")
    title = leela.row(id).locator("[data-title]")
    await expect(title).to_have_text("Moon base beta")
    await expect(leela.row(id).locator("[data-by]")).to_have_text("Fry")

    await eventually(leela.notified, what="Leela is notified")
    assert await leela.notified() == ["Fry saved Moon base beta"]
    assert await fry.notified() == []

    await fry.go_home()
    assert await fry.notified() == []
    async with leela.page.context.expect_page() as opening:
        await leela.page.evaluate("() => window.notes[0].dispatchEvent(new Event('click'))")
    opened = Visitor("leela", await opening.value, leela.stack)
    await opened.is_at(f"/articles/{id}")
    await fry.sees(id, "yellow", "read by Leela")
    await opened.leave()
    await fry.sees(id, "green", "free")


async def test_leaving_the_form_ends_the_red(visit: Visit, document: MakeDocument) -> None:
    id = await document("Mars express")
    leela, fry = await visit("leela"), await visit("fry")
    await leela.dashboard()
    await fry.dashboard()
    await fry.open("Mars express")
    await fry.edit()
    await fry.page.get_by_label("Text").focus()
    await leela.sees(id, "red", "edited by Fry")
    await fry.page.get_by_label("Title").focus()  # from field to field is not leaving
    await leela.watch(f'[data-id="{id}"] [data-words]')
    await fry.page.get_by_label("Status").focus()
    await fry.page.get_by_role("link", name="Switch").focus()
    await leela.sees(id, "yellow", "read by Fry")
    assert await leela.seen(f'[data-id="{id}"] [data-words]') == ["edited by Fry", "read by Fry"]


async def test_a_documents_page_says_who_else_is_there(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Mars express")
    leela, fry, zoidberg = await visit("leela"), await visit("fry"), await visit("zoidberg")
    for visitor in (leela, fry, zoidberg):
        await visitor.dashboard()
    await leela.open("Mars express")
    await leela.sees_here("green", "Only you are here.")
    await fry.open("Mars express")
    await leela.sees_here("yellow", "Fry is reading.")
    await zoidberg.sees(id, "yellow", "read by Fry and Leela")
    await fry.edit()
    await fry.page.get_by_label("Title").focus()
    await leela.sees_here("red", "Fry is editing the title.")
    await fry.sees_here("yellow", "Leela is reading.")
    await zoidberg.sees(id, "red", "edited by Fry, read by Leela")
    await leela.go_home()
    await leela.sees(id, "red", "edited by Fry")


async def test_twenty_rounds_of_navigation_are_invisible_to_the_other(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Round trip")
    leela, fry = await visit("leela"), await visit("fry")
    await leela.dashboard()
    await fry.dashboard()
    await leela.sees_people(2)
    await leela.sees(id, "green", "free")
    people, words = "[data-count]", f'[data-id="{id}"] [data-words]'
    await leela.watch(people)
    await leela.watch(words)
    for number in range(ROUNDS):
        await fry.page.locator(f'[data-documents] [data-id="{id}"] a').click()
        await leela.sees(id, "yellow", "read by Fry")
        await fry.edit()
        await fry.page.get_by_label("Title").fill(f"Round trip {number}")
        await leela.sees(id, "red", "edited by Fry")
        await fry.save()
        await leela.sees(id, "yellow", "read by Fry")
        await fry.go_home()
        await leela.sees(id, "green", "free")
    assert await leela.seen(people) == ["2 people here"]
    once = ["read by Fry", "edited by Fry", "read by Fry", "free"]
    assert await leela.seen(words) == ["free", *once * ROUNDS]
    await expect(leela.row(id).locator("[data-title]")).to_have_text(f"Round trip {ROUNDS - 1}")

    async def of_each_save() -> bool:
        titles = [f"Fry saved Round trip {number}" for number in range(ROUNDS)]
        return await leela.notified() == titles

    await eventually(of_each_save)
    assert await fry.notified() == []
