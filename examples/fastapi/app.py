"""Articles on FastAPI and SQLAlchemy: everybody sees who is where, and what was just saved.

A save and its announcement are one commit; the relay tells the browsers. The README starts it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

from fastapi import Cookie, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from presently import mint_token
from presently.sqlalchemy import Announced, acting, announcing

HERE: Final = Path(__file__).parent
DEV: Final = Path(".presently/dev.json")  # what `presently dev`, running in this folder, says
PEOPLE: Final = {"leela": "Leela", "fry": "Fry", "amy": "Amy"}  # an application of yours has users
RIGHTS: Final = {"news.article.*": "edit"}
WORDS: Final = {
    "en": {"c": "is new", "u": "was saved", "d": "is gone"},
    "de": {"c": "ist neu", "u": "wurde gespeichert", "d": "ist fort"},
}

here: dict[str, str] = json.loads(DEV.read_text()) if DEV.exists() else {}
gateway = os.environ.get("GATEWAY_URL") or here["gateway"]
jwt_key = os.environ.get("JWT_KEY") or here["jwt_key"]
database = os.environ.get("DATABASE_URL") or here["postgres"]

engine = create_async_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
Session = announcing(async_sessionmaker(engine, expire_on_commit=False), languages=tuple(WORDS))


class Base(DeclarativeBase):
    """Its tables."""


class Article(Announced, Base):
    """Told at ``news.article.<id>``, and so to everybody at the list."""

    __tablename__ = "news_article"
    announced_in = "news.article"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        return {"title": f"{self.title} {WORDS[lang][op]}", "url": f"/#{self.id}"}


class Text(BaseModel):
    """What a form sends."""

    title: str
    body: str = ""


class Row(Text):
    """An article as the page gets it."""

    model_config = ConfigDict(from_attributes=True)
    id: int


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """A table and something to read. Presently's own schema is there: ``presently migrate``."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session.begin() as session:
        if await session.scalar(select(Article.id).limit(1)) is None:
            session.add_all([Article(title="Moon"), Article(title="Mars")])
    yield
    await engine.dispose()


app = FastAPI(title="News", lifespan=lifespan)
app.mount("/presently", StaticFiles(directory=HERE.parents[1] / "browser" / "src"))


def who(user: Annotated[str | None, Cookie()] = None) -> str:
    """Whoever the cookie says; ask your session instead."""
    return user if user in PEOPLE else "leela"


Me = Annotated[str, Depends(who)]


@app.get("/", response_class=Response)
async def page(request: Request) -> Response:
    """The page; ``/?as=fry`` makes one somebody else."""
    if (name := request.query_params.get("as")) is None:
        return FileResponse(HERE / "page.html")
    answer = RedirectResponse("/")
    answer.set_cookie("user", name, httponly=True, samesite="lax")
    return answer


@app.get("/token", response_class=PlainTextResponse)
async def token(me: Me) -> Response:
    """What the browser shows the gateway."""
    signed = mint_token(jwt_key, me, RIGHTS, name=PEOPLE[me])
    return PlainTextResponse(signed, headers={"Cache-Control": "no-store"})


@app.get("/me")
async def me(me: Me) -> dict[str, str]:
    """Who one is, and where the gateway is."""
    return {"id": me, "name": PEOPLE[me], "gateway": gateway}


@app.get("/articles")
async def articles() -> Sequence[Row]:
    """All, in order."""
    async with Session() as session:
        found = await session.scalars(select(Article).order_by(Article.id))
        return [Row.model_validate(article) for article in found]


@app.post("/articles", status_code=201)
async def create(text: Text, me: Me) -> Row:
    """A new one."""
    async with Session.begin() as session:
        acting(session, me)
        article = Article(**text.model_dump())
        session.add(article)
    return Row.model_validate(article)


@app.put("/articles/{id}")
async def save(id: int, text: Text, me: Me) -> Row:
    """Save; whoever saves is told nothing."""
    async with Session.begin() as session:
        acting(session, me)
        if (article := await session.get(Article, id)) is None:
            raise HTTPException(404, "there is no such article")
        article.title, article.body = text.title, text.body
    return Row.model_validate(article)
