"""`presently.sqlalchemy` with asyncio, on both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session

from presently import Publisher
from presently.sqlalchemy import acting, announce, announcing, invalidate, pause
from presently.testing import recorded_events
from tests.integration.presently_sdk.shop import Article, Base, Comment, told

pytestmark = pytest.mark.postgres


@pytest.fixture(params=["psycopg", "asyncpg"])
async def engine(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(
        database_url.replace("postgresql://", f"postgresql+{request.param}://")
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with announcing(async_sessionmaker(engine), languages=("en", "de"))() as session:
        yield session


async def test_what_is_saved_is_told_in_every_language(session: AsyncSession) -> None:
    async with recorded_events(session) as events:
        session.add(Article(id=7, title="Mond", comments=[Comment(text="schön")]))
    assert [subject for subject, _, _ in told(events)][:2] == ["article.7", "article.7"]
    # The slug comes from the database, the article of the comment through its relationship.
    assert events[0]["data"]["texts"]["de"] == {"title": "Mond: neu", "message": "by default"}
    assert events[1]["data"]["texts"]["en"] == {"title": "Mond: schön"}


async def test_updates_deletions_and_bulk_statements(session: AsyncSession) -> None:
    article = Article(id=7, title="Moon")
    session.add(article)
    await session.commit()
    async with recorded_events(session) as events:
        await session.refresh(article)
        article.title = "Mars"
        await session.commit()
        await session.delete(article)
        await session.flush()
        await session.execute(update(Article).values(title="none there"))
        session.add(Article(id=8, title="Io"))
        await session.flush()
        await session.execute(delete(Article))
        await invalidate(session, Article)
    assert told(events) == [
        ("article.7", "u", None),
        ("article.7", "d", None),
        ("article.8", "c", None),
        ("article.~", "x", None),
        ("article.~", "x", None),
    ]


async def test_rollbacks_and_savepoints_leave_nothing(session: AsyncSession) -> None:
    session.add(Article(id=1, title="lost"))
    await session.flush()
    await session.rollback()
    async with session.begin_nested() as savepoint:
        session.add(Article(id=2, title="lost"))
        await session.flush()
        await savepoint.rollback()
    session.add(Article(id=3, title="kept"))
    await session.commit()
    assert (await session.scalars(text("SELECT document FROM presently.outbox"))).all() == [
        "article.3"
    ]


async def test_actor_pause_and_events_of_ones_own(
    session: AsyncSession, engine: AsyncEngine
) -> None:
    acting(session, "fry")
    async with recorded_events(session) as events:
        session.add(Article(id=1, title="Moon"))
        await session.flush()
        acting(session, "leela")
        with pause(Article):
            session.add(Article(id=2, title="hush"))
            await session.flush()
        article = await session.get_one(Article, 2)
        await announce(session, article, "article.read")
        await announce(session, "user.amy", "a.b", {"n": 1}, actor="amy")
    assert [(event["subject"], event["actor"]) for event in events] == [
        ("article.1", "fry"),
        ("article.2", "leela"),
        ("user.amy", "amy"),
    ]
    scoped = async_scoped_session(async_sessionmaker(engine), asyncio.current_task)
    async with recorded_events(scoped) as events:
        acting(scoped, "amy")
        assert (await announce(scoped, "user.amy", "a.b")).startswith("o")
    assert told(events) == [("user.amy", "", "amy")]
    await scoped.remove()


async def test_other_sessions_of_the_process_are_left_alone(engine: AsyncEngine) -> None:
    maker = announcing(async_sessionmaker(engine))
    async with maker() as session:
        assert type(session.sync_session) is not Session
    async with async_sessionmaker(engine)() as session, recorded_events(session) as events:
        session.add(Article(id=1, title="Moon"))
    assert events == []


async def test_a_connection_is_read_too(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        async with recorded_events(connection) as events:
            await connection.execute(text("SELECT presently.publish('article.1', 'a.b')"))
        assert told(events) == [("article.1", "", None)]
        with pytest.raises(TypeError, match="async with"), recorded_events(connection):
            pass


async def test_after_the_commit_the_loop_is_waited_for(engine: AsyncEngine) -> None:
    publisher = Publisher("memory://", source="/shop")
    maker = announcing(async_sessionmaker(engine), publisher=publisher)
    with recorded_events() as events:
        async with maker() as session:
            acting(session, "fry")
            session.add(Article(id=1, title="Moon"))
            await session.flush()
            await announce(session, "article.1", "a.b")
            assert events == []
            await session.commit()
            assert (await session.scalars(select(Article.title))).all() == ["Moon"]
    assert told(events) == [("article.1", "c", "fry"), ("article.1", "", "fry")]
