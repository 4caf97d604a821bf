"""The demo on a real PostgreSQL, asked over ASGI: no gateway, no socket."""

from collections.abc import AsyncIterator

import httpx
import pytest

from demo.app import create_app
from demo.settings import Settings

KEY = "k" * 40


@pytest.fixture
def settings(empty_database_url: str) -> Settings:
    """Settings of a demo on a database with nothing in it."""
    return Settings(database=empty_database_url, jwt_key=KEY)


@pytest.fixture
async def browse(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts, at the demo."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client,
    ):
        yield client
