"""Tokens, files and health, and what happens when the database is away."""

import asyncio

import asyncpg
import httpx
import jwt
import pytest

from demo.app import create_app
from demo.articles import install
from demo.settings import Settings
from tests.integration.demo.conftest import KEY

pytestmark = pytest.mark.postgres


async def test_a_browser_gets_a_token_for_whom_it_is(browse: httpx.AsyncClient) -> None:
    answer = await browse.get("/token", params={"as": "fry"})
    assert answer.headers["cache-control"] == "no-store"
    claims = jwt.decode(answer.text, KEY, algorithms=["HS256"], audience="presently")
    assert claims["sub"] == "fry"


async def test_a_stranger_gets_no_token(browse: httpx.AsyncClient) -> None:
    for query in ({}, {"as": "nobody"}):
        answer = await browse.get("/token", params=query)
        assert answer.status_code == 404


async def test_the_browser_client_is_served(browse: httpx.AsyncClient) -> None:
    for path in ("/presently/index.js", "/static/live.js"):
        answer = await browse.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")


async def test_pages_use_only_their_own_files(browse: httpx.AsyncClient) -> None:
    for path in ("/", "/articles/1", "/articles/1/edit"):
        page = await browse.get(path, params={"as": "leela"})
        assert "https://" not in page.text
        assert "<script>" not in page.text


async def test_health(browse: httpx.AsyncClient) -> None:
    answer = await browse.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_a_second_start_keeps_what_is_there(
    browse: httpx.AsyncClient, settings: Settings
) -> None:
    form = {"title": "Kept", "body": "", "status": "draft", "version": "1"}
    await browse.post("/articles/1/edit", params={"as": "fry"}, data=form)
    async with asyncio.TaskGroup() as tasks:  # two demos that start at once
        for _ in range(2):
            tasks.create_task(install(settings.database))
    rows = (await browse.get("/articles.json")).json()
    assert [row["title"] for row in rows][:2] == ["Kept", "Mars"]
    assert len(rows) == 6


async def test_a_database_that_is_away_is_said_in_words(
    empty_database_url: str, settings: Settings
) -> None:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as browse,
    ):
        name = empty_database_url.rsplit("/", 1)[1]
        server = empty_database_url.removesuffix(name) + "postgres"
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            page = await browse.get("/", params={"as": "fry"})
            assert page.status_code == 503
            assert "The database does not answer" in page.text
            await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        finally:
            await connection.close()
        assert (await browse.get("/", params={"as": "fry"})).status_code == 200
