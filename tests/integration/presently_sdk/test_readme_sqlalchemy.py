"""What ``producers/python/README.md`` shows of SQLAlchemy, FastAPI and Celery, run as it stands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import create_engine, text

from presently.testing import recorded_events
from producers.postgres.migrate import script
from tests.integration.presently_sdk.test_sqlalchemy_schema import Operations

pytestmark = pytest.mark.postgres
README = Path(__file__).parents[3] / "producers" / "python" / "README.md"
PART = README.read_text("utf-8").partition("\n## SQLAlchemy\n")[2]
SNIPPETS = re.findall(r"```python\n(.*?)```", PART, re.DOTALL)
KEY = "k" * 32


@pytest.fixture
def names(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the snippets define, one after another, in one module."""
    monkeypatch.setenv("PRESENTLY_URL", "memory://")
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    names: dict[str, Any] = {
        "__name__": "readme",
        "DATABASE_URL": url,
        "JWT_KEY": KEY,
        "BROKER_URL": "memory://",
    }
    for snippet in SNIPPETS:
        exec(compile(snippet, str(README), "exec", dont_inherit=True), names)
    names["Base"].metadata.create_all(names["engine"])
    with names["Session"].begin() as session:
        session.add(names["Page"](title="Moon"))
    yield names
    names["engine"].dispose()
    names["tasks"].close()


def told(names: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Type, document and actor of what is committed."""
    with names["engine"].begin() as connection:
        rows = connection.execute(
            text("DELETE FROM presently.outbox RETURNING type, document, actor")
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_the_page_shows_all_of_it() -> None:
    assert len(SNIPPETS) == 7


def test_sqlalchemy(names: dict[str, Any]) -> None:
    assert told(names) == [("announcement", "page.1", None)]
    names["rename"](1, "Mars", "fry")
    assert told(names) == [("announcement", "page.1", "fry"), ("page.renamed", "page.1", "fry")]
    names["import_all"](["Io", "Europa"])
    assert told(names) == []
    names["test_a_rename_is_told"]()
    assert told(names) == []


async def test_fastapi(names: dict[str, Any]) -> None:
    told(names)
    transport = httpx.ASGITransport(names["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        assert (await client.put("/pages/1?title=Mars")).status_code == 200
        token = (await client.get("/token")).text
    assert await asyncio.to_thread(told, names) == [("announcement", "page.1", "fry")]
    assert jwt.decode(token, KEY, algorithms=["HS256"], audience="presently")["sub"] == "fry"
    await names["Sessions"].kw["bind"].dispose()


def test_celery(names: dict[str, Any]) -> None:
    told(names)
    with names["Session"].begin() as session:
        session.add(names["Page"](title="Mars", draft=True))
    assert told(names) == []
    names["engine"].dispose()  # what `forked` leaves alone is nobody's here, there the parent's
    names["forked"]()
    with recorded_events() as events:
        done = names["report"].apply()
    assert [(event["subject"], event["id"]) for event in events] == [("report.7", done.id)]
    names["publish_page"].apply(args=[2], throw=True)
    assert told(names) == [("announcement", "page.2", "celery")]


def test_without_triggers(names: dict[str, Any]) -> None:
    with recorded_events() as events, names["Elsewhere"]() as session:
        names["Base"].metadata.create_all(session.connection())
        session.add(names["Page"](id=1, title="Moon"))
        session.flush()
        assert events == []
        session.commit()
    assert [event["subject"] for event in events] == ["page.1"]
    names["Elsewhere"].kw["bind"].dispose()


def test_alembic(
    names: dict[str, Any],
    empty_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "presently.sql").write_text(script(), "utf-8")
    engine = create_engine(empty_database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        names["op"] = Operations(connection)
        connection.execute(
            text("CREATE TABLE article (id int PRIMARY KEY, title text, updated_by text)")
        )
        names["upgrade"]()
        with recorded_events(connection) as events:
            connection.execute(text("INSERT INTO article VALUES (1, 'Moon', 'fry')"))
        assert [(event["subject"], event["actor"]) for event in events] == [("article.1", "fry")]
        names["downgrade"]()
        assert connection.scalar(text("SELECT to_regnamespace('presently')")) is None
    engine.dispose()
