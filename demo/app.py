"""The demo's routes: `create_app(settings)` is a Starlette application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from demo.articles import Articles, install
from demo.pages import Pages, who
from demo.settings import Settings
from demo.tokens import token_for

STATIC: Final = Path(__file__).parent / "static"

AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # the database takes no connections
    asyncpg.InternalClientError,  # the connection ended while it lay idle in the pool
)
"""What asyncpg raises when there is no database to talk to; a later try may succeed."""


class ArticleId(Convertor[int]):
    """A row's id in a path: Starlette's own `int` fails on a number of a thousand digits."""

    regex = "[0-9]{1,10}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("article", ArticleId())


def create_app(settings: Settings) -> Starlette:
    """Return the application. It opens its pool, and creates its table, when it starts."""
    articles = Articles(settings.database)
    pages = Pages(settings, articles)

    async def token(request: Request) -> Response:
        person = who(request)
        if person is None:
            return PlainTextResponse("nobody of that name is here\n", status_code=404)
        headers = {"Cache-Control": "no-store"}
        return PlainTextResponse(token_for(person, settings.jwt_key), headers=headers)

    async def healthy(_: Request) -> Response:
        await articles.all()
        return PlainTextResponse("ok\n")

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return pages.missing(request)
        why = error.detail if isinstance(error, HTTPException) else ""
        return pages.missing(request, status=status, title="That did not work", why=why)

    async def away(request: Request, _: Exception) -> Response:
        why = "The database does not answer. Please try again in a moment."
        return pages.missing(request, status=503, title="One moment", why=why)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await install(settings.database)
        async with articles:
            yield

    return Starlette(
        routes=[
            Route("/", pages.dashboard),
            Route("/articles.json", pages.rows),
            Route("/articles/{id:article}", pages.document),
            Route("/articles/{id:article}.json", pages.row),
            Route("/articles/{id:article}/edit", pages.form, methods=["GET"]),
            Route("/articles/{id:article}/edit", pages.save, methods=["POST"]),
            Route("/token", token),
            Route("/healthz", healthy),
            Mount("/static", StaticFiles(directory=STATIC)),
            Mount("/presently", StaticFiles(directory=settings.browser, check_dir=False)),
        ],
        exception_handlers={
            HTTPException: refused,
            **dict.fromkeys(AWAY, away),
        },
        lifespan=lifespan,
    )
