"""
The README's one picture: two windows, and a terminal whose line the first of them shows.

It goes to `build/two-windows.png`, or where `PRESENTLY_SCREENSHOT` says (`make screenshot`).
"""

import base64
import os
from pathlib import Path
from string import Template
from typing import Final

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.conftest import Visit
from tests.support.dev_stack import ROOT, DevStack

pytestmark = pytest.mark.browser

LAYOUT: Final = Path(__file__).parent / "two_windows.html"
WIDTH, HEIGHT, SHARPNESS = 756, 700, 2
TITLE: Final = "Moon landing"
TYPED: Final = "Mars, revisited"
STATEMENT: Final = f"UPDATE article SET title = '{TYPED}' WHERE id = 2;"
RESTORED: Final = (
    "UPDATE article SET updated_by = 'amy' WHERE id = 1;"
    " UPDATE article SET title = 'Mars', updated_by = 'hermes' WHERE id = 2;"
)
PNG: Final = b"\x89PNG\r\n\x1a\n"


async def window(chromium: Browser) -> BrowserContext:
    """A window of the picture's size; without permission, so that a note is a toast in it."""
    return await chromium.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SHARPNESS
    )


async def test_screenshot_of_two_windows(
    visit: Visit, chromium: Browser, dev_stack: DevStack
) -> None:
    await dev_stack.psql("UPDATE article SET updated_by = updated_by")  # all "just now"
    leela = await visit("leela", context=await window(chromium))
    fry = await visit("fry", context=await window(chromium))
    zoidberg = await visit("zoidberg")
    for visitor in (zoidberg, fry):
        await visitor.dashboard()
    await zoidberg.open("Mars")
    try:
        await dev_stack.psql(STATEMENT)
        await fry.open(TITLE)
        await fry.edit()
        await leela.dashboard()
        await leela.sees_people(3)
        await expect(leela.row(2).locator("[data-title]")).to_have_text(TYPED)
        await expect(leela.row(2).locator("[data-by]")).to_have_text("psql")
        await leela.sees(2, "yellow", "read by Zoidberg")
        await leela.sees(1, "yellow", "read by Fry")
        await fry.save()
        await fry.edit()
        await fry.page.get_by_label("Text").focus()
        await leela.sees(1, "red", "edited by Fry")
        await expect(leela.row(1).locator("[data-by]")).to_have_text("Fry")
        await expect(leela.page.get_by_text(f"Fry saved {TITLE}")).to_be_visible()
        await fry.sees_here("green", "Only you are here.")
        await fry.sees_people(3)
        left = await leela.page.screenshot(animations="disabled")
        right = await fry.page.screenshot(animations="disabled")
    finally:
        await dev_stack.psql(RESTORED)

    picture = await compose(chromium, left, right)
    target = Path(os.environ.get("PRESENTLY_SCREENSHOT") or ROOT / "build" / "two-windows.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(picture)
    assert picture.startswith(PNG)
    assert len(picture) > 50_000, "an empty page is smaller"


async def compose(chromium: Browser, left: bytes, right: bytes) -> bytes:
    """Return one picture: the windows side by side, the terminal below."""
    layout = Template(LAYOUT.read_text(encoding="utf-8"))
    page = await chromium.new_page(device_scale_factor=1.25)
    await page.set_content(
        layout.substitute(left=as_url(left), right=as_url(right), statement=STATEMENT)
    )
    picture = await page.locator("body").screenshot()
    await page.close()
    return picture


def as_url(png: bytes) -> str:
    """Return a picture as a data URL."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
