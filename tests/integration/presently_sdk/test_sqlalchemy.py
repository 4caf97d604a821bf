"""`presently.sqlalchemy` on PostgreSQL: what a session flushes is in the outbox, and only that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from presently import InvalidEvent
from presently.sqlalchemy import (
    acting,
    announce,
    announcing,
    capture,
    invalidate,
    outbox,
    pause,
    release,
)
from presently.testing import recorded_events
from tests.integration.presently_sdk.shop import Article, Base, Comment, Line, Secret, told

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """What the docs of SQLAlchemy advise for tests: an outer transaction that is rolled back."""
    with engine.connect() as connection:
        connection.begin()
        yield connection
        connection.rollback()
        rows = connection.scalar(text("SELECT count(*) FROM presently.outbox"))
        assert rows == 0, "nothing leaks to the next test"


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    maker = announcing(
        sessionmaker(connection, join_transaction_mode="create_savepoint"), languages=("en", "de")
    )
    with maker() as session:
        yield session


def test_what_is_saved_is_told_in_every_language(session: Session) -> None:
    with recorded_events(session) as events:
        session.add(Article(id=7, title="Moon"))
    [event] = events
    assert (event["subject"], event["type"]) == ("article.7", "announcement")
    assert event["data"] == {
        "op": "c",
        "entity": "article",
        "key": {"id": 7},
        "lang": "en",
        "texts": {
            "en": {"title": "Moon: new", "message": "by default"},
            "de": {"title": "Moon: neu", "message": "by default"},
        },
    }


def test_an_update_and_a_deletion_are_told(session: Session) -> None:
    article = Article(id=7, title="Moon")
    session.add(article)
    session.commit()
    with recorded_events(session) as events:
        article.title = "Mars"
        session.commit()
        session.delete(article)  # expired by the commit: loaded while it still can be
        session.commit()
    assert told(events) == [("article.7", "u", None), ("article.7", "d", None)]
    assert [list(event["data"]["texts"]) for event in events] == [["en"], ["en"]]
    assert events[1]["data"]["texts"]["en"]["title"] == "Mars: gone"


def test_a_save_that_changes_nothing_is_not_told(session: Session) -> None:
    article = Article(id=7, title="Moon")
    session.add(article)
    with recorded_events(session) as events:
        session.flush()
        article.title = "Moon"
        session.flush()
        article.comments.append(Comment(text="nice"))  # of the article itself nothing is written
    assert told(events)[0][1:] == ("c", None)
    assert {event["data"]["entity"] for event in events} == {"comment"}


def test_an_object_has_its_say_whether_it_is_told(session: Session) -> None:
    with recorded_events(session) as events:
        article = Article(id=7, title="Moon", draft=True)
        session.add(article)
        session.flush()
        article.draft = False
    assert told(events) == [("article.7", "u", None)]


def test_one_event_for_several_documents_and_orphans_too(session: Session) -> None:
    article = Article(id=7, title="Moon", comments=[Comment(text="nice")])
    comment = article.comments[0]
    with recorded_events(session) as events:
        session.add(article)
        session.flush()
        article.comments.clear()  # an orphan is deleted in the flush
    assert told(events) == [
        ("article.7", "c", None),
        ("article.7", "c", None),
        (f"comment.{comment.id}", "c", None),
        ("article.7", "d", None),
        (f"comment.{comment.id}", "d", None),
    ]
    assert events[1]["data"]["key"] == {"id": str(comment.id)}
    assert events[1]["data"]["texts"]["en"] == {"title": "Moon: nice"}


def test_a_key_of_two_columns_in_a_collection_of_another_name(session: Session) -> None:
    with recorded_events(session) as events:
        session.add(Line(order=3, number=1))
        session.flush()
        session.execute(update(Line).values(number=2))
    assert told(events) == [("acme.line.3.1", "c", None), ("acme.line.~", "x", None)]
    assert events[0]["data"]["key"] == {"order": 3, "number": 1}
    assert events[0]["data"]["entity"] == "order_line"


def test_a_savepoint_rolled_back_leaves_nothing_and_the_rest_is_told(session: Session) -> None:
    with recorded_events(session) as events:
        session.add(Article(id=1, title="kept"))
        savepoint = session.begin_nested()
        session.add(Article(id=2, title="lost"))
        session.flush()
        announce(session, "article.2", "was.here")
        savepoint.rollback()
        with session.begin_nested():
            session.add(Article(id=3, title="kept"))
    assert [subject for subject, _, _ in told(events)] == ["article.1", "article.3"]


def test_a_flush_that_fails_leaves_nothing_for_the_next(session: Session) -> None:
    with pause():
        session.execute(insert(Article).values(id=1, title="there already"))

    def twice() -> None:
        with session.begin_nested():
            session.add_all([Line(order=1, number=1), Article(id=1, title="again")])

    with recorded_events(session) as events:
        with pytest.raises(IntegrityError):
            twice()
        session.add(Article(id=2, title="second"))
    assert [subject for subject, _, _ in told(events)] == ["article.2"]


def test_the_actor_is_the_transactions(session: Session) -> None:
    with recorded_events(session) as events:
        session.add(Article(id=1, title="by nobody"))
        session.flush()
        acting(session, "fry")  # in the middle of a transaction
        session.add(Article(id=2, title="by Fry"))
        session.flush()
        savepoint = session.begin_nested()
        acting(session, "leela")
        session.execute(text("SELECT presently.publish('article.3', 'raw.sql')"))
        savepoint.rollback()
        session.execute(text("SELECT presently.publish('article.4', 'raw.sql')"))
        announce(session, "article.5", "a.b", actor="amy")
        acting(session, None)
        announce(session, "article.6", "a.b")
    assert [(subject, actor) for subject, _, actor in told(events)] == [
        ("article.1", None),
        ("article.2", "fry"),
        ("article.4", "leela"),
        ("article.5", "amy"),
        ("article.6", None),
    ]


def test_the_actor_is_told_to_every_transaction_and_to_triggers(engine: Engine) -> None:
    with engine.begin() as connection:
        capture(connection, "secret", "secret.{id}", columns=["id"])
    with sessionmaker(engine)() as session:
        acting(session, "fry")
        for id in (1, 2):
            with recorded_events(session) as events:
                session.add(Secret(id=id))
            assert told(events) == [(f"secret.{id}", "c", "fry")]
            assert events[0]["data"]["after"] == {"id": id}
            session.commit()
    with engine.begin() as connection:
        release(connection, "secret")
        with recorded_events(connection) as events:
            connection.execute(delete(Secret))
        assert events == []


def test_pause_holds_for_its_block_its_class_and_its_thread(session: Session) -> None:
    seen: list[bool] = []

    def another_thread() -> None:
        from presently.sqlalchemy.announced import is_paused

        seen.append(is_paused(Article))

    @pause(Article)
    def hushed() -> None:
        session.add_all([Article(id=1, title="hush"), Line(order=1, number=1)])
        session.flush()
        with pause():
            session.add(Line(order=1, number=2))
            session.flush()
        session.execute(update(Article).values(title="hush"))
        other = threading.Thread(target=another_thread)
        other.start()
        other.join()
        raise LookupError

    with recorded_events(session) as events:
        with pytest.raises(LookupError):
            hushed()
        session.add(Article(id=2, title="heard"))
    assert told(events) == [("acme.line.1.1", "c", None), ("article.2", "c", None)]
    assert seen == [False]


def test_bulk_statements_tell_the_list_once(session: Session) -> None:
    with recorded_events(session) as events:
        session.execute(insert(Article), [{"id": n, "title": "many"} for n in range(1, 4)])
        session.execute(update(Article).where(Article.id > 1).values(title="more"))
        session.query(Article).filter(Article.id > 9).update({"title": "none"})
        session.query(Article).filter(Article.id > 2).update({"title": "legacy"})
        ids = session.scalars(delete(Article).where(Article.id == 1).returning(Article.id)).all()
        session.execute(select(Article))
        session.execute(insert(Secret).values(id=1))
    assert told(events) == [("article.~", "x", None)] * 4
    assert (events[0]["data"], ids) == ({"op": "x", "entity": "article"}, [1])


def test_legacy_bulk_reaches_no_hook_and_may_be_told_by_hand(session: Session) -> None:
    with recorded_events(session) as events:
        session.bulk_save_objects([Article(id=1, title="quiet")])
        session.bulk_insert_mappings(Article.__mapper__, [{"id": 2, "title": "quiet"}])
        assert session.scalar(text("SELECT count(*) FROM presently.outbox")) == 0
        invalidate(session, Article)
    assert told(events) == [("article.~", "x", None)]


def test_events_of_ones_own(session: Session, engine: Engine) -> None:
    with recorded_events(session) as events:
        article = Article(id=7, title="Moon", draft=True)
        session.add(article)
        announce(session, article, "article.shared", {"with": "amy"})  # flushes it first
        id = announce(session, ["article.1", "user.amy"], "a.b")
    assert [(event["subject"], event["type"]) for event in events] == [
        ("article.7", "article.shared"),
        ("article.1", "a.b"),
        ("user.amy", "a.b"),
    ]
    assert id.startswith("o")
    with pytest.raises(InvalidEvent):
        announce(session, "no document", "a.b")
    with pytest.raises(InvalidEvent, match="data"):
        announce(session, "article.1", "a.b", {"x": "a\0b"})  # PostgreSQL's to refuse
    plain = scoped_session(sessionmaker(engine))  # nothing was set up for it
    with recorded_events(plain) as events:
        announce(plain, "article.1", "a.b")
    assert len(events) == 1
    plain.rollback()
    plain.remove()


def test_a_large_flush_is_told_in_order(session: Session) -> None:
    count = 2 * outbox.EVENTS_A_STATEMENT + 1
    with recorded_events(session) as events:
        session.add_all([Line(order=1, number=n) for n in range(count)])
    assert [event["subject"] for event in events] == [f"acme.line.1.{n}" for n in range(count)]


def test_a_commit_leaves_the_rows_for_the_relay(engine: Engine) -> None:
    maker = announcing(sessionmaker(engine))
    with maker.begin() as session:
        acting(session, "fry")
        session.add(Article(id=1, title="Moon"))
    with maker() as session:
        session.add(Article(id=2, title="Mars"))
        session.flush()
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT document, type, actor FROM presently.outbox")).all()
    assert [tuple(row) for row in rows] == [("article.1", "announcement", "fry")]
