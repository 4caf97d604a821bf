"""`examples/django`, the talk's application, on a running Presently: three people, two languages.

With `PRESENTLY_SCREENSHOT` it leaves pictures beside that file: `…-dashboard`, `…-form`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import everybody_is_gone
from tests.browser.visitor import NOTES
from tests.support.dev_stack import ROOT, DevStack
from tests.support.eventually import eventually, eventually_sync
from tests.support.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.postgres]

MANAGE: Final = str(ROOT / "examples" / "django" / "manage.py")
SignIn = Callable[[str, str], Awaitable[Page]]


@pytest.fixture(scope="module")
def example(dev_stack: DevStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example, migrated and running; its address."""
    addresses = tmp_path_factory.mktemp("example") / "dev.json"
    addresses.write_text(json.dumps(vars(dev_stack)))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "talk.settings",
        "PRESENTLY_DEV": str(addresses),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "producers" / "python")]),
    }
    for command in (["migrate", "--verbosity=0"], ["check", "--fail-level=WARNING"]):
        subprocess.run([sys.executable, MANAGE, *command], env=environment, check=True)
    port = free_port()
    with running([sys.executable, MANAGE, "runserver", "--noreload", str(port)], environment):
        url = f"http://localhost:{port}"
        eventually_sync(lambda: answers(url), within=30, what="the example answers")
        yield url


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/login/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
async def sign_in(chromium: Browser, example: str, dev_stack: DevStack) -> AsyncIterator[SignIn]:
    """Somebody signs in and is at the dashboard, in a browser of their own language."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def come(name: str, locale: str) -> Page:
        context = await chromium.new_context(
            locale=locale, viewport={"width": 760, "height": 480}, color_scheme="light"
        )
        contexts.append(context)
        await context.grant_permissions(["notifications"], origin=example)
        page = await context.new_page()
        await page.add_init_script(NOTES)
        page.on("pageerror", lambda error: errors.append(f"{name}: {error}"))
        await page.goto(example)
        await page.locator("[name=username]").fill(name)
        await page.locator("[name=password]").fill("planet express")
        await page.locator("main button").click()
        await expect(page.locator("#documents")).to_be_visible()
        return page

    await everybody_is_gone(dev_stack)
    yield come
    for context in contexts:
        for page in context.pages:
            await page.goto("about:blank")
        await context.close()
    assert errors == []


async def sees(page: Page, title: str, color: str, words: str) -> None:
    """Wait until the dashboard's row has this colour and says why."""
    pill = page.locator("[data-row]", has_text=title).locator(".pill")
    await expect(pill).to_have_text(words)
    await expect(pill).to_have_attribute("data-color", color)


async def notes(page: Page) -> list[str]:
    titles: list[str] = await page.evaluate("() => window.notes.map((note) => note.title)")
    return titles


async def picture(page: Page, what: str) -> None:
    if given := os.environ.get("PRESENTLY_SCREENSHOT"):
        path = Path(given)
        await page.screenshot(path=path.with_stem(f"{path.stem}-{what}"), animations="disabled")


async def test_the_talks_application(sign_in: SignIn) -> None:
    leela = await sign_in("leela", "de-AT")
    amy = await sign_in("amy", "en-US")
    fry = await sign_in("fry", "it-IT")
    await expect(leela.locator("#here")).to_have_text("3 people here")
    await sees(leela, "Moon landing", "green", "free")

    await fry.get_by_role("link", name="Moon landing").click()
    await sees(leela, "Moon landing", "yellow", "read by Fry")
    await fry.get_by_role("link", name="Edit").click()
    await fry.locator("[name=title]").focus()
    await sees(leela, "Moon landing", "red", "edited by Fry")
    await picture(leela, "dashboard")
    await amy.get_by_role("link", name="Moon landing").click()
    await expect(amy.locator("#others")).to_have_text("edited by Fry")
    await expect(fry.locator("#others")).to_have_text("read by Amy")
    await picture(fry, "form")

    await fry.locator("[name=title]").fill("Moon base")
    await fry.get_by_role("button", name="Save").click()
    await expect(fry.get_by_role("heading", name="Moon base")).to_be_visible()

    await eventually(lambda: notes(leela), what="Leela is notified")
    await eventually(lambda: notes(amy), what="Amy is notified")
    assert await notes(leela) == ["Moon base wurde gespeichert"]
    assert await notes(amy) == ["Moon base was saved"]
    await expect(leela.get_by_role("link", name="Moon base")).to_be_visible()
    await expect(amy.get_by_role("heading", name="Moon base")).to_be_visible()
    assert await notes(fry) == []

    async with leela.context.expect_page() as opening:
        await leela.evaluate("() => window.notes[0].dispatchEvent(new Event('click'))")
    opened = await opening.value
    await expect(opened.get_by_role("heading", name="Moon base")).to_be_visible()

    for other in (fry, amy, opened):
        await other.goto("about:blank")
    await sees(leela, "Moon base", "green", "free")
    await expect(leela.locator("#here")).to_have_text("1 person here")
