"""People with browsers at a running demo, and documents for them to meet at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext

from tests.browser.visitor import NOTES, Visitor
from tests.support.chromium import chromium
from tests.support.dev_stack import DevStack
from tests.support.eventually import eventually

__all__ = ["chromium"]

GONE_SECONDS = 30.0
"""A seat outlives its page by the gateway's grace, ten seconds at most."""


class Visit(Protocol):
    """Somebody opens a browser; `beforehand` is a script that runs before the page's own."""

    def __call__(
        self,
        id: str,
        *,
        beforehand: str = NOTES,
        notifications: bool = True,
        context: BrowserContext | None = None,
        width: int = 1100,
    ) -> Awaitable[Visitor]: ...


@pytest.fixture
async def visit(chromium: Browser, dev_stack: DevStack) -> AsyncIterator[Visit]:
    """Somebody comes, each with a browser profile of their own. All are gone after the test."""
    visitors: list[Visitor] = []

    async def come(
        id: str,
        *,
        beforehand: str = NOTES,
        notifications: bool = True,
        context: BrowserContext | None = None,
        width: int = 1100,
    ) -> Visitor:
        if context is None:
            context = await chromium.new_context(viewport={"width": width, "height": 800})
            if notifications:
                await context.grant_permissions(["notifications"], origin=dev_stack.demo)
        page = await context.new_page()
        await page.add_init_script(beforehand)
        visitor = Visitor(id, page, dev_stack)
        visitors.append(visitor)
        return visitor

    await everybody_is_gone(dev_stack)
    yield come
    for visitor in visitors:
        if not visitor.page.is_closed():
            await visitor.leave()
    assert [visitor.errors for visitor in visitors if visitor.errors] == []


async def everybody_is_gone(stack: DevStack) -> None:
    """Wait until the visitors of the test before are no longer counted."""

    async def nobody() -> bool:
        return not await stack.people("site.all")

    await eventually(nobody, within=GONE_SECONDS)


@pytest.fixture
async def document(dev_stack: DevStack) -> AsyncIterator[Callable[[str], Awaitable[int]]]:
    """A new document with this title, deleted after the test; returns its id."""
    connection = await asyncpg.connect(dev_stack.postgres)
    made: list[int] = []

    async def make(title: str) -> int:
        insert = "INSERT INTO article (title, body, updated_by) VALUES ($1, 'Once.', 'amy')"
        id: int = await connection.fetchval(f"{insert} RETURNING id", title)
        made.append(id)
        return id

    yield make
    await connection.execute("DELETE FROM article WHERE id = ANY($1)", made)
    await connection.close()
