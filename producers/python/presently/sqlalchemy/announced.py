"""What a class says of itself, and when it is silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Final

from sqlalchemy import inspect

from presently.documents import document_id, list_id
from presently.errors import InvalidEvent
from presently.limits import texts_that_fit

_PLAIN: Final = (str, int, float, bool, type(None))
_paused: ContextVar[tuple[type, ...]] = ContextVar("presently_paused", default=())


class Announced:
    """Mixin of a mapped class whose objects tell when they are saved or deleted.

    Attributes:
        announced_in: The collection, plain words joined by ``.``; the table's name if empty.
        announced_as: The event's type. Its ``data``: ``op``, ``entity``, ``key``, ``texts`` by
            language, and ``lang``, whose texts are for those who speak none of the others.
    """

    announced_in: ClassVar[str] = ""
    announced_as: ClassVar[str] = "announcement"

    def should_announce(self, op: str) -> bool:
        """Whether to tell. ``op``: ``c`` created, ``u`` updated, ``d`` deleted."""
        return True

    def announcement(self, op: str, lang: str) -> Mapping[str, object]:
        """What people read: ``title``, ``message``, ``icon``, ``url``. Nothing: not in ``lang``."""
        return {}

    def announced_document(self) -> str | Sequence[str]:
        """The document or documents: the collection and the primary key.

        A key that makes no document id (too long, or empty) is told at the list: a save must not
        fail for it.
        """
        words = (_word(value) for value in key_of(self).values())
        try:
            return document_id(*collection_of(type(self)).split("."), *words)
        except InvalidEvent:
            return list_of(type(self))


def key_of(announced: Announced) -> dict[str, Any]:
    """The primary key: names of the columns → values."""
    mapper = inspect(type(announced), raiseerr=True)
    values = mapper.primary_key_from_instance(announced)
    return {column.name: value for column, value in zip(mapper.primary_key, values, strict=True)}


def collection_of(announced: type[Announced]) -> str:
    """``acme.article``."""
    return announced.announced_in or table_of(announced)


def list_of(announced: type[Announced]) -> str:
    """The document that is the collection's list: ``article.~``."""
    return list_id(*collection_of(announced).split("."))


def table_of(announced: type[Announced]) -> str:
    """The entity, as captured tables call it."""
    return str(getattr(inspect(announced, raiseerr=True).local_table, "name", announced.__name__))


def data_of(announced: Announced, op: str, languages: Sequence[str]) -> dict[str, Any]:
    """The event's ``data``, with the texts of all languages: the reader's browser picks.

    Texts of more than ``limits.TEXTS_BYTES`` are left out, and ``omitted`` says so.
    """
    key = {name: value if isinstance(value, _PLAIN) else _word(value)
           for name, value in key_of(announced).items()}  # fmt: skip
    data = {"op": op, "entity": table_of(type(announced)), "key": key}
    texts = {lang: dict(announced.announcement(op, lang)) for lang in languages}
    said = {lang: text for lang, text in texts.items() if text}
    data["lang"] = next(iter(said), languages[0])
    return data | texts_that_fit(said)


@contextmanager
def pause(*classes: type) -> Iterator[None]:
    """Let these classes (all, if none is named) say nothing of what is flushed in this block.

    In this thread or task only, and however the block ends. ``announce`` still tells.
    """
    token = _paused.set((*_paused.get(), *(classes or (Announced,))))
    try:
        yield
    finally:
        _paused.reset(token)


def is_paused(announced: type) -> bool:
    """Whether we are in a block that pauses this class."""
    return issubclass(announced, _paused.get())


def _word(value: object) -> str:
    """As PostgreSQL's ``to_jsonb(row) ->> column`` has it, so that hooks and triggers agree."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
