"""A note when somebody else saves: asked for by a click, shown somehow in every browser."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import NOTES
from tests.support.eventually import eventually

pytestmark = pytest.mark.browser

MakeDocument = Callable[[str], Awaitable[int]]

NO_CONSTRUCTOR = """
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor() { throw new TypeError("Illegal constructor"); }
};
"""
"""As on a phone, where only a service worker may show a notification."""


async def test_a_browser_without_the_constructor_shows_a_toast(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Toast")
    leela = await visit("leela", beforehand=NO_CONSTRUCTOR)
    await leela.dashboard()
    await leela.sees_people(1)
    await leela.sees(id, "green", "free")
    await leela.stack.psql(f"UPDATE article SET title = 'Buttered toast' WHERE id = {id}")
    toast = leela.page.get_by_text("psql saved Buttered toast")
    await expect(toast).to_be_visible()
    await toast.click()
    await leela.is_at(f"/articles/{id}")
    assert leela.errors == []


async def test_without_permission_there_is_a_toast_too(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Toast")
    leela = await visit("leela", notifications=False)
    await leela.dashboard()
    await leela.sees(id, "green", "free")
    await leela.stack.psql(f"UPDATE article SET title = 'Dry toast' WHERE id = {id}")
    await expect(leela.page.get_by_text("psql saved Dry toast")).to_be_visible()
    assert await leela.notified() == []


async def test_permission_is_asked_for_by_a_click(visit: Visit) -> None:
    asked = """
        window.asked = 0;
        Notification.requestPermission = async () => { window.asked += 1; return "denied"; };
    """
    leela = await visit("leela", notifications=False, beforehand=asked + NOTES)
    await leela.dashboard()
    await leela.sees_people(1)
    assert await leela.page.evaluate("() => window.asked") == 0
    await leela.page.get_by_role("button", name="Notify me").click()
    assert await leela.page.evaluate("() => window.asked") == 1


async def test_nobody_is_told_of_their_own_save_in_any_tab(
    visit: Visit, document: MakeDocument
) -> None:
    id = await document("Quiet")
    fry, leela = await visit("fry"), await visit("leela")
    await fry.dashboard()
    await leela.dashboard()
    await leela.sees(id, "green", "free")
    await fry.sees(id, "green", "free")
    second = await visit("fry", context=fry.page.context)
    await second.dashboard()
    await second.open("Quiet")
    await second.edit()
    await second.page.get_by_label("Title").fill("Quieter")
    await second.save()
    await expect(fry.row(id).locator("[data-title]")).to_have_text("Quieter")
    await eventually(leela.notified)
    assert await leela.notified() == ["Fry saved Quieter"]
    assert await fry.notified() == []
    assert await second.notified() == []
