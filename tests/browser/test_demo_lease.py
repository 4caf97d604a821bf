"""One person edits at a time: who it is, when it is free, and what becomes of a late save."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.dev_stack import DevStack

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]

LATE = "Not saved: your turn to edit was over, and Leela has saved since"


def title(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Title")


def turn(visitor: Visitor) -> Locator:
    """The banner that says whose turn it is."""
    return visitor.page.locator("[data-turn]")


async def at_the_form(visit: Visit, id: int, *people: str) -> list[Visitor]:
    visitors = [await visit(person) for person in people]
    for visitor in visitors:
        await visitor.page.goto(f"{visitor.stack.demo}/articles/{id}/edit?as={visitor.id}")
        await expect(visitor.page.locator("html")).to_have_attribute("data-live", "online")
    return visitors


async def has_a_fence(visitor: Visitor) -> int:
    """Wait until the form has the fence of a lease; return it."""
    fence = visitor.page.locator("[name=fence]")
    await expect(fence).not_to_have_value("")
    return int(await fence.input_value())


async def test_the_second_is_told_who_edits_and_has_the_next_turn(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("One at a time")
    fry, leela = await at_the_form(visit, id, "fry", "leela")
    await expect(turn(leela)).to_be_hidden()
    await title(fry).focus()
    await expect(turn(leela)).to_contain_text("It is Fry’s turn to edit.")
    await expect(title(leela)).not_to_be_editable()
    await expect(leela.page.get_by_label("Status")).to_be_disabled()
    await expect(leela.page.get_by_role("button", name="Save")).to_be_disabled()
    await expect(turn(fry)).to_be_hidden()

    await title(fry).fill("One after the other")
    await fry.save()
    await expect(turn(leela)).to_contain_text("Fry is done.")
    await expect(title(leela)).to_have_value("One after the other")  # read along, and not asked
    await expect(leela.page.locator("[data-newer]")).to_be_hidden()
    await leela.page.get_by_role("button", name="Edit now").click()
    await has_a_fence(leela)
    await expect(turn(leela)).to_be_hidden()
    await expect(title(leela)).to_be_focused()
    await fry.sees_here("red", "Leela is editing the title.")
    await title(leela).fill("Leela has it")
    await leela.save()
    await expect(fry.page.get_by_role("heading", name="Leela has it")).to_be_visible()


async def test_a_closed_window_hands_over_and_a_late_save_is_refused(
    visit: Visit, document: MakeDocument, dev_stack: DevStack
) -> None:
    id = await document("Late")
    fry, leela = await at_the_form(visit, id, "fry", "leela")
    await title(fry).fill("Fry was first")
    before = await has_a_fence(fry)
    await expect(turn(leela)).to_contain_text("It is Fry’s turn to edit.")
    # Fry's line goes and his page does not know: from here on it is a stale tab.
    await fry.page.evaluate("async () => (await import('/static/live.js')).live.close()")
    await expect(turn(leela)).to_contain_text("Fry is done.")
    await title(leela).fill("Leela has it")
    assert await has_a_fence(leela) > before
    await leela.save()

    await fry.page.get_by_role("button", name="Save").click()
    await expect(fry.page.get_by_role("heading", name=LATE)).to_be_visible()
    await expect(title(fry)).to_have_value("Fry was first")
    await expect(fry.page.get_by_role("heading", name="Leela has it")).to_be_visible()
    stored = await dev_stack.psql(f"SELECT title, fence > {before} FROM article WHERE id = {id}")
    assert stored == "Leela has it|t"
    await fry.page.get_by_role("button", name="Save mine anyway").click()
    await fry.is_at(f"/articles/{id}")
    await expect(leela.page.get_by_role("heading", name="Fry was first")).to_be_visible()


async def test_text_that_is_not_saved_keeps_the_turn(visit: Visit, document: MakeDocument) -> None:
    id = await document("Kept")
    fry, leela = await at_the_form(visit, id, "fry", "leela")
    await title(fry).fill("Half a tho")
    await expect(turn(leela)).to_contain_text("It is Fry’s turn to edit.")
    await leela.watch("[data-turn-words]")
    await fry.page.get_by_role("link", name="Switch").focus()
    await title(fry).focus()
    await title(fry).fill("Kept")  # as it was
    await fry.page.get_by_role("link", name="Switch").focus()
    await expect(turn(leela)).to_contain_text("Fry is done.")
    said = await leela.seen("[data-turn-words]")
    assert [words[:6] for words in said] == ["It is ", "Fry is"]


async def test_my_other_window_takes_over_and_this_one_can_take_it_back(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Two windows")
    first, second = await at_the_form(visit, id, "fry", "fry")
    await title(first).fill("Begun here")
    fence = await has_a_fence(first)
    await expect(turn(second)).to_contain_text("You are editing this in another window.")
    await second.page.get_by_role("button", name="Edit here").click()
    assert await has_a_fence(second) > fence
    await expect(turn(first)).to_contain_text("What you have typed stays here.")
    await expect(title(first)).to_have_value("Begun here")
    await expect(title(first)).not_to_be_editable()
    await first.page.get_by_role("button", name="Edit here").click()
    await expect(title(first)).to_be_editable()
    await expect(turn(second)).to_contain_text("You are editing this in another window.")
    await first.save()


async def test_a_short_break_costs_neither_turn_nor_fence(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Broken")
    fry, leela = await at_the_form(visit, id, "fry", "leela")
    await title(fry).fill("Unbroken")
    fence = await has_a_fence(fry)
    await expect(turn(leela)).to_contain_text("It is Fry’s turn to edit.")
    await leela.watch("[data-turn-words]")
    await fry.page.context.set_offline(True)
    await expect(fry.page.locator("html")).to_have_attribute("data-live", "offline")
    await fry.page.context.set_offline(False)
    await expect(fry.page.locator("html")).to_have_attribute("data-live", "online")
    await title(fry).fill("Unbroken still")
    assert await has_a_fence(fry) == fence
    await fry.save()
    await expect(turn(leela)).to_contain_text("Fry is done.")
    assert len(await leela.seen("[data-turn-words]")) == 2
