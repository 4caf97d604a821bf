"""Whatever way a class is mapped, its objects tell, under their own names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Column, Engine, ForeignKey, Integer, String, Table, create_engine, delete
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    mapped_column,
    registry,
    sessionmaker,
)
from sqlalchemy.pool import StaticPool

from presently import SyncPublisher
from presently.sqlalchemy import Announced, announce, announcing
from presently.testing import recorded_events


class Base(DeclarativeBase):
    """Its tables."""


class Item(Announced, Base):
    """Of which books and shelves are kinds: one in the same table, one with a table of its own."""

    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="item")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}  # noqa: RUF012


class Book(Item):
    __mapper_args__ = {"polymorphic_identity": "book"}  # noqa: RUF012

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        return {"title": f"book {op}"}


class Shelf(Item):
    __tablename__ = "shelf"
    announced_in = "item"
    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    length: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "shelf"}  # noqa: RUF012


class Day(Announced, MappedAsDataclass, Base):
    """A dataclass, and a key that is no number."""

    __tablename__ = "day"
    on: Mapped[date] = mapped_column(primary_key=True)
    open: Mapped[bool] = mapped_column(default=True)


class Token(Announced):
    """Mapped the older way; a key with a dot and a slash in it."""

    announced_as = "token.changed"

    def __init__(self, name: str) -> None:
        self.name = name


class Device(Announced, Base):
    """Named in code as its column is not."""

    __tablename__ = "device"
    key: Mapped[uuid.UUID] = mapped_column("device_id", primary_key=True)


class Long(Announced, Base):
    """A page of text in its message."""

    __tablename__ = "long"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        return {"message": self.text}


mapper = registry(metadata=Base.metadata)
tokens = Table(
    "token", Base.metadata, Column("name", String, primary_key=True), Column("n", Integer)
)
mapper.map_imperatively(Token, tokens)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    publisher = SyncPublisher("memory://", source="/shop")
    with announcing(sessionmaker(engine), publisher=publisher)() as session:
        yield session


KEY = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("made", "document", "entity", "key"),
    [
        (Book(id=1), "item.1", "item", {"id": 1}),
        (Shelf(id=2, length=3), "item.2", "shelf", {"id": 2}),
        (Day(on=date(2026, 2, 3)), "day.2026-02-03", "day", {"on": "2026-02-03"}),
        (Token("a/b.c"), "token.a%2Fb%2Ec", "token", {"name": "a/b.c"}),
        (Device(key=KEY), f"device.{KEY}", "device", {"device_id": str(KEY)}),
    ],
)
def test_it_is_told_under_its_own_name(
    session: Session, made: Any, document: str, entity: str, key: dict[str, Any]
) -> None:
    with recorded_events() as events:
        session.add(made)
        session.commit()
        announce(session, made, "a.b")
        session.delete(made)
        session.commit()
    assert [event["subject"] for event in events] == [document] * 3
    assert [event["data"].get("op") for event in events] == ["c", None, "d"]
    assert (events[0]["data"]["entity"], events[0]["data"]["key"]) == (entity, key)
    assert events[0]["type"] == made.announced_as


@pytest.mark.parametrize("name", ["", "n" * 81, "%" * 70])
def test_a_key_that_makes_no_document_is_told_at_the_list(session: Session, name: str) -> None:
    with recorded_events() as events:
        session.add(Token(name))
        session.commit()
    assert [(event["subject"], event["data"]["key"]) for event in events] == [
        ("token.~", {"name": name})
    ]


def test_texts_too_long_for_an_event_cost_the_texts_and_not_the_save(session: Session) -> None:
    with recorded_events() as events:
        session.add_all([Long(id=1, text="x" * 100_000), Long(id=2, text="日" * 9_000)])
        session.commit()
    assert [len(event["data"]["texts"]) for event in events] == [0, 1]
    assert [event["data"].get("omitted") for event in events] == [["texts"], None]


def test_texts_are_the_nearest_classs(session: Session) -> None:
    with recorded_events() as events:
        session.add_all([Item(id=3), Book(id=4)])
        session.commit()
        session.execute(delete(Item))
        session.commit()
    assert [event["data"].get("texts") for event in events] == [
        {},
        {"en": {"title": "book c"}},
        None,
    ]
