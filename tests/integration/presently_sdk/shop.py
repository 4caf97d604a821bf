"""A shop on SQLAlchemy: what the tests of ``presently.sqlalchemy`` save."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from presently.sqlalchemy import Announced


class Base(DeclarativeBase):
    """Its tables."""


class Article(Announced, Base):
    """Told at ``article.<id>``, in two languages; drafts are nobody's business."""

    __tablename__ = "article"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    draft: Mapped[bool] = mapped_column(default=False)
    # Known to the database alone until it is loaded.
    slug: Mapped[str] = mapped_column(server_default=func.concat("by ", "default"))
    comments: Mapped[list[Comment]] = relationship(
        back_populates="article", cascade="all, delete-orphan"
    )

    def should_announce(self, op: str) -> bool:
        return not self.draft

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        words = {"en": {"c": "new", "u": "saved", "d": "gone"}, "de": {"c": "neu"}}
        if op not in words.get(lang, {}):
            return {}
        return {"title": f"{self.title}: {words[lang][op]}", "message": self.slug}


class Comment(Announced, Base):
    """Told at its article and at its own document."""

    __tablename__ = "comment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    text: Mapped[str]
    article: Mapped[Article] = relationship(back_populates="comments")

    def announced_document(self) -> Sequence[str]:
        return [f"article.{self.article_id}", f"comment.{self.id}"]

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        where = self.article.title if self.article else "elsewhere"  # an orphan has none
        return {"title": f"{where}: {self.text}"}


class Line(Announced, Base):
    """A key of two columns, in a collection with a name of its own."""

    __tablename__ = "order_line"
    announced_in = "acme.line"
    order: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


class Secret(Base):
    """Not announced."""

    __tablename__ = "secret"
    id: Mapped[int] = mapped_column(primary_key=True)


def told(events: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """Where, what, by whom."""
    return [(each["subject"], each["data"].get("op", ""), each.get("actor")) for each in events]
