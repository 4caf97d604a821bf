"""The FastAPI example as its README starts it, at a running Presently, with two people at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.visitor import NOTES
from tests.support.dev_stack import DevStack
from tests.support.eventually import eventually, eventually_sync
from tests.support.ports import free_port
from tests.support.processes import ROOT, server

pytestmark = pytest.mark.browser


@pytest.fixture
def news(dev_stack: DevStack, tmp_path: Path) -> Iterator[str]:
    """The application's address."""
    port = free_port()
    url = f"http://localhost:{port}"
    env = {
        "DATABASE_URL": dev_stack.postgres,
        "JWT_KEY": dev_stack.jwt_key,
        "GATEWAY_URL": dev_stack.gateway,
    }

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/articles").status_code == 200
        except httpx.TransportError:
            return False

    log = tmp_path / "log"
    arguments = ("--port", str(port), "examples.fastapi.app:app")
    with server("uvicorn", *arguments, log=log, env=env):
        eventually_sync(answers, within=30, what="the example answers")
        yield url
    assert "Traceback" not in log.read_text(), log.read_text()


async def come(chromium: Browser, news: str, name: str, language: str) -> Page:
    context = await chromium.new_context(
        viewport={"width": 860, "height": 520}, locale=language, permissions=["notifications"]
    )
    page = await context.new_page()
    await page.add_init_script(NOTES)
    await page.goto(f"{news}/?as={name}")
    await expect(page.get_by_role("link", name="Moon")).to_be_visible()
    return page


async def test_two_people_see_each_other_and_what_was_saved(chromium: Browser, news: str) -> None:
    fry = await come(chromium, news, "fry", "en-US")
    leela = await come(chromium, news, "leela", "de-DE")
    await fry.get_by_role("link", name="Moon").click()
    moon = leela.get_by_role("link", name="Moon")
    await expect(moon).to_have_class("yellow")
    await expect(moon).to_contain_text("Fry")
    await moon.click()
    await fry.get_by_label("Title").fill("Moon landing")
    await expect(leela.get_by_role("link", name="Moon")).to_have_class("red")
    await expect(leela.get_by_role("status")).to_have_text("Fry is editing")
    picture = ROOT / "build" / "fastapi.png"
    picture.parent.mkdir(exist_ok=True)
    await leela.screenshot(path=picture)
    await fry.get_by_role("button", name="Save").click()
    await expect(leela.get_by_label("Title")).to_have_value("Moon landing")
    await expect(leela.get_by_role("link", name="Moon landing")).to_have_class("yellow")

    async def notes(page: Page) -> list[str]:
        titles: list[str] = await page.evaluate("() => window.notes.map((n) => n.title)")
        return titles

    await eventually(lambda: notes(leela))
    assert await notes(leela) == ["Moon landing wurde gespeichert"]
    assert await notes(fry) == [], "it was Fry's own doing"
    for page in (fry, leela):
        await page.goto("about:blank")
