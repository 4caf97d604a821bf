"""Which types of events front-ends handle, as their builds export it, against those produced."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import events, limits, rights

EVERYTHING: Final = "*"
"""As a type: a listener for `event` hears all of them."""
BY_THE_CLIENT: Final = frozenset({events.RESYNC})
"""The JavaScript client answers these itself, with `reload`."""
_ANYWHERE: Final = "#"


@dataclass(frozen=True, slots=True)
class Type:
    """One type that was seen, or that a capture will produce.

    Attributes:
        documents: One of each collection.
        captured: Tables that produce it, whether they have or not.
        declared: A backend says that it will.
    """

    type: str
    count: int = 0
    documents: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out.

    Attributes:
        unhandled: Type, and the documents at which nobody handles it.
        never: Handled, and neither seen nor to be expected.
    """

    unhandled: list[tuple[Type, tuple[str, ...]]]
    never: list[str]


@dataclass(frozen=True, slots=True)
class Handled:
    """Type → patterns of the documents at which it is handled."""

    types: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def at(self, type: str, document: str) -> bool:
        """Whether an event of this type at this document has a listener."""
        if type in BY_THE_CLIENT:
            return True
        words = document.split(".")
        patterns = [*self.types.get(type, ()), *self.types.get(EVERYTHING, ())]
        return any(rights.matches(pattern.split("."), words) for pattern in patterns)

    def knows(self, type: str) -> bool:
        """Whether it is handled anywhere."""
        return type in BY_THE_CLIENT or type in self.types or EVERYTHING in self.types


def read(texts: Iterable[str]) -> Handled:
    """What several front-ends handle between them.

    Each is a list of types, or an object: type → list of document patterns (``*`` one word, ``#``
    any number).

    Raises:
        ValueError: One of them is neither. Says what is wrong.
    """
    types: dict[str, list[str]] = {}
    for text in texts:
        for type, patterns in _entries(json.loads(text)):
            if type != EVERYTHING and not (
                events.TYPE.fullmatch(type) and len(type) <= limits.TYPE_BYTES
            ):
                raise ValueError(f"{type[:80]!r} is no type of an event")
            types.setdefault(type, []).extend(patterns)
    return Handled(types)


def _entries(value: Any) -> list[tuple[str, list[str]]]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [(one, [_ANYWHERE]) for one in value]
    if isinstance(value, dict) and all(_are_patterns(one) for one in value.values()):
        return list(value.items())
    raise ValueError('expected ["comment.added", …] or {"comment.added": ["article.*"], …}')


def _are_patterns(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(one, str) for one in value)


def judge(handled: Handled, produced: Sequence[Type]) -> Verdict:
    """Compare. A type of which no document is known is handled if it is anywhere."""
    unhandled = []
    for one in produced:
        where = tuple(document for document in one.documents if not handled.at(one.type, document))
        if where or (not one.documents and not handled.knows(one.type)):
            unhandled.append((one, where))
    known = {one.type for one in produced} | {EVERYTHING}
    return Verdict(unhandled, sorted(handled.types.keys() - known))


def declared(text: str) -> list[Type]:
    """What a backend says it will produce: a list of types, or an object: type → some documents.

    Raises:
        ValueError: It is neither. Says what is wrong.
    """
    anywhere = isinstance(json.loads(text), list)
    return [
        Type(type, documents=() if anywhere else tuple(documents), declared=True)
        for type, documents in read([text]).types.items()
    ]


def captured(rows: Iterable[tuple[str, str | Sequence[str]]]) -> list[Type]:
    """What captures will produce: (table, document template or several) → types.

    What a row gives for a ``{column}`` is not known; an example has ``0`` there.
    """
    found = []
    for table, templates in rows:
        given = [templates] if isinstance(templates, str) else list(templates)
        documents = tuple(_example(template) for template in given)
        found.append(Type(events.CHANGE, documents=documents, captured=(table,)))
    return found


def _example(template: str) -> str:
    """A document that the template may give."""
    example, inside = "", False
    for piece in template.replace("}", "{").split("{"):
        example += "0" if inside else piece
        inside = not inside
    return example


def together(types: Iterable[Type]) -> list[Type]:
    """One entry for each type, in order of their names."""
    found: dict[str, Type] = {}
    for one in types:
        before = found.get(one.type, Type(one.type))
        found[one.type] = Type(
            one.type,
            before.count + one.count,
            tuple(dict.fromkeys(before.documents + one.documents)),
            before.captured + one.captured,
            before.declared or one.declared,
        )
    return [found[name] for name in sorted(found)]
