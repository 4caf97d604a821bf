"""Databases without triggers of ours: told once the commit has succeeded, and what that costs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, update
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from presently import PresentlyError, Publisher, SyncPublisher, Unavailable
from presently.sqlalchemy import acting, announce, announcing
from presently.testing import recorded_events
from tests.integration.presently_sdk.shop import Article, Base, Comment, Line, told


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    publisher = SyncPublisher("memory://", source="/shop")
    with announcing(sessionmaker(engine), publisher=publisher)() as session:
        yield session


def test_it_is_told_after_the_commit_and_not_before(session: Session) -> None:
    with recorded_events() as events:
        acting(session, "fry")
        session.add(Line(order=1, number=1))
        session.flush()
        announce(session, "acme.line.1.1", "a.b", {"n": 1})
        acting(session, "leela")
        announce(session, "acme.line.1.1", "a.b", actor="amy")
        session.execute(update(Line).values(number=2))
        assert events == []
        session.commit()
    assert told(events) == [
        ("acme.line.1.1", "c", "fry"),
        ("acme.line.1.1", "", "fry"),
        ("acme.line.1.1", "", "amy"),
        ("acme.line.~", "x", "leela"),
    ]


def test_what_a_new_object_refers_to_by_key_can_be_said(session: Session) -> None:
    session.add(Article(id=7, title="Moon", slug="moon"))
    session.commit()
    with recorded_events() as events:
        session.add(Comment(article_id=7, text="nice"))
        session.commit()
    assert events[0]["data"]["texts"]["en"] == {"title": "Moon: nice"}


def test_what_is_rolled_back_or_never_committed_is_not_told(session: Session) -> None:
    with recorded_events() as events:
        session.add(Line(order=1, number=1))
        session.flush()
        session.rollback()
        session.add(Line(order=1, number=2))
        session.flush()
        session.close()
        session.add(Line(order=1, number=3))
        session.commit()
    assert told(events) == [("acme.line.1.3", "c", None)]


def test_savepoints_count(session: Session) -> None:
    with recorded_events() as events:
        announce(session, "line.kept", "first")
        with session.begin_nested():
            announce(session, "line.kept", "second")
            lost = session.begin_nested()
            announce(session, "line.lost", "third")
            with session.begin_nested():
                announce(session, "line.lost", "fourth")
            lost.rollback()
        outer = session.begin_nested()
        session.begin_nested()
        announce(session, "line.lost", "fifth")
        outer.rollback()
        assert events == []
        session.commit()
    assert [event["type"] for event in events] == ["first", "second"]


def test_a_broker_that_is_away_costs_the_event_and_not_the_commit(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = SyncPublisher("http://127.0.0.1:1", source="/shop", timeout=0.2)
    maker = announcing(sessionmaker(engine), publisher=publisher)
    with maker.begin() as session:
        session.add(Line(order=1, number=1))
    with maker() as session:
        assert session.get(Line, (1, 1)) is not None
    [record] = caplog.records
    assert "committed and not told: announcement for ('acme.line.1.1',)" in record.getMessage()


class Broken(SyncPublisher):
    """Notes who asked, and fails as it is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__("memory://", source="/shop")
        self.error = error
        self.tried = 0

    def publish(self, *args: object, **more: object) -> str:
        self.tried += 1
        raise self.error


@pytest.mark.parametrize(
    ("error", "tries"), [(RuntimeError("odd"), 3), (Unavailable("away", "1"), 1)]
)
def test_whatever_a_publisher_does_the_commit_stands_and_waits_for_it_once(
    engine: Engine, caplog: pytest.LogCaptureFixture, error: Exception, tries: int
) -> None:
    publisher = Broken(error)
    with announcing(sessionmaker(engine), publisher=publisher).begin() as session:
        session.add_all([Line(order=1, number=n) for n in range(3)])
    assert (publisher.tried, len(caplog.records)) == (tries, 3)
    with Session(engine) as session:
        assert len(session.query(Line).all()) == 3


KILLED = """
import os, signal, sys
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from presently import SyncPublisher
from presently.sqlalchemy import announcing
from tests.integration.presently_sdk.shop import Line

class Killed(SyncPublisher):
    def publish(self, *args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

publisher = Killed("memory://", source="/shop")
maker = announcing(sessionmaker(create_engine(sys.argv[1])), publisher=publisher)
with maker.begin() as session:
    session.add(Line(order=1, number=1))
"""


def test_who_dies_between_commit_and_confirm_has_told_nobody(engine: Engine) -> None:
    """The price, shown: the row is there, and no event."""
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), str(root / "producers" / "python")])
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(engine.url)], env={**os.environ, "PYTHONPATH": path}
    )
    assert died.returncode == -9
    with Session(engine) as session:
        assert session.get(Line, (1, 1)) is not None


def test_without_a_publisher_it_says_what_is_missing(engine: Engine) -> None:
    with announcing(sessionmaker(engine))() as session:
        session.add(Line(order=1, number=1))
        with pytest.raises(PresentlyError, match=r"sqlite has no outbox of ours: .* publisher="):
            session.flush()
        session.rollback()
        assert session.get(Article, 1) is None


def test_setting_up_twice_is_refused() -> None:
    maker = announcing(sessionmaker())
    with pytest.raises(PresentlyError, match="already"):
        announcing(maker)


def test_a_publisher_of_the_other_kind_is_refused() -> None:
    with pytest.raises(PresentlyError, match="SyncPublisher"):
        announcing(sessionmaker(), publisher=Publisher("memory://", source="/shop"))
    with pytest.raises(PresentlyError, match="take a Publisher"):
        announcing(async_sessionmaker(), publisher=SyncPublisher("memory://", source="/shop"))
