"""A schema made by Alembic: its operations over a connection, as a migration has them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from presently import PresentlyError
from presently.sqlalchemy import capture, install, release
from presently.testing import recorded_events
from producers.postgres.migrate import migrations, script

pytestmark = pytest.mark.postgres


class Operations:
    """As much of `alembic.op` as is asked for."""

    def __init__(self, bind: Connection) -> None:
        self._bind = bind

    def get_bind(self) -> Connection:
        return self._bind

    def execute(self, statement: object) -> None:
        sql = text(statement) if isinstance(statement, str) else statement
        self._bind.execute(sql)  # type: ignore[call-overload]


def upgrade(op: Operations) -> None:
    install(op, script())
    op.execute(text('CREATE TABLE "Article" (id int PRIMARY KEY, title text, by text)'))
    capture(op, '"Article"', "article.{id}", columns=["title"], actor="by")


def told(connection: Connection) -> list[tuple[str, str, str]]:
    with recorded_events(connection) as events:
        connection.execute(text("""INSERT INTO "Article" VALUES (1, 'Moon', 'fry')"""))
    return [(each["subject"], each["actor"], each["data"]["after"]["title"]) for each in events]


def test_a_migration_has_it_all_in_its_own_transaction(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        upgrade(Operations(connection))
        assert told(connection) == [("article.1", "fry", "Moon")]
        numbers = connection.scalars(text("SELECT number FROM presently.migration")).all()
        assert set(numbers) == {migration.number for migration in migrations()}
        release(Operations(connection), '"Article"')
        with recorded_events(connection) as events:
            connection.execute(text('DELETE FROM "Article"'))
        assert events == []
        connection.rollback()
        assert connection.scalar(text("SELECT to_regnamespace('presently')")) is None
    engine.dispose()


def test_a_capture_may_ask_for_all_that_the_database_knows(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE page (id int PRIMARY KEY, title text, by text)"))
        documents = ["page.{id}", "user.{by}"]
        capture(connection, "page", documents, columns=["title"], before=True, collapse=2)
        connection.execute(text("INSERT INTO page VALUES (1, 'Mars', 'fry')"))
        with recorded_events(connection) as updated:
            connection.execute(text("UPDATE page SET title = 'Moon'"))
        rows = "INSERT INTO page SELECT n, 'x', 'amy' FROM generate_series(2, 9) AS n"
        with recorded_events(connection) as many:
            connection.execute(text(rows))
    assert [(one["subject"], one["data"]["before"]) for one in updated] == [
        ("page.1", {"title": "Mars"}),
        ("user.fry", {"title": "Mars"}),
    ]
    assert [one["subject"] for one in many if one["data"]["op"] == "x"] == ["page.~", "user.~"]
    engine.dispose()


async def test_and_with_asyncpg(empty_database_url: str) -> None:
    engine = create_async_engine(
        empty_database_url.replace("postgresql://", "postgresql+asyncpg://")
    )
    async with engine.connect() as connection:
        await connection.run_sync(lambda plain: upgrade(Operations(plain)))
        assert await connection.run_sync(told) == [("article.1", "fry", "Moon")]
        await connection.rollback()
        assert await connection.scalar(text("SELECT to_regnamespace('presently')")) is None
    await engine.dispose()


def test_a_migration_that_is_printed_has_the_script_as_it_stands() -> None:
    """`alembic upgrade --sql`, as version 1.20 has it: no connection, and where to print."""
    printed: list[str] = []
    impl = SimpleNamespace(static_output=printed.append)
    op = SimpleNamespace(get_bind=object, get_context=lambda: SimpleNamespace(impl=impl))
    install(op, script())
    [text] = printed
    assert script() == f"BEGIN;\n{text}\nCOMMIT;\n"


def test_something_else_is_refused(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection, pytest.raises(PresentlyError, match="whole output"):
        install(connection, "DROP TABLE article")
    engine.dispose()
