"""A save announces itself: seen in the outbox, with no broker and no Presently running.

    DATABASE_URL=postgresql://… JWT_KEY=… GATEWAY_URL=ws://… pytest examples/fastapi

The database has Presently's schema; what the test writes is rolled back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from examples.fastapi.app import Base, Session, app, engine
from presently.testing import recorded_events


@pytest.fixture
async def connection() -> AsyncIterator[AsyncConnection]:
    """One transaction for all that the application does, and rolled back."""
    async with engine.connect() as connection:
        await connection.begin()
        await connection.run_sync(Base.metadata.create_all)
        Session.configure(bind=connection, join_transaction_mode="create_savepoint")
        yield connection
        Session.configure(bind=engine)
    await engine.dispose()


@pytest.fixture
async def fry() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the application."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://news", cookies={"user": "fry"}
    ) as client:
        yield client


async def test_a_save_is_announced_in_both_languages(
    connection: AsyncConnection, fry: httpx.AsyncClient
) -> None:
    made = (await fry.post("/articles", json={"title": "Moon"})).json()
    async with recorded_events(connection) as events:
        saved = await fry.put(f"/articles/{made['id']}", json={"title": "Mars", "body": "Red."})
    assert saved.json() == {"id": made["id"], "title": "Mars", "body": "Red."}
    [event] = events
    assert (event["type"], event["subject"]) == ("announcement", f"news.article.{made['id']}")
    assert (event["actor"], event["data"]["op"]) == ("fry", "u")
    titles = {lang: text["title"] for lang, text in event["data"]["texts"].items()}
    assert titles == {"en": "Mars was saved", "de": "Mars wurde gespeichert"}


async def test_what_is_refused_is_not_announced(
    connection: AsyncConnection, fry: httpx.AsyncClient
) -> None:
    async with recorded_events(connection) as events:
        assert (await fry.put("/articles/99", json={"title": "Nothing"})).status_code == 404
    assert events == []
