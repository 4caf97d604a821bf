"""What a change of a schema breaks, and for whom. Pure.

For the part of JSON Schema that ``shapes`` writes, and with its roles: of ``in`` the new schema
must accept all that was said by the old one, of ``out`` what is said by the new one must satisfy
the old one, of ``both`` either. On top of that, whatever the role: a field or a kind that goes is a
break, for somebody relies on it; another default is one, for it changes what its absence means. A
field more that may be missing, and a kind more, are none: unknown ones are ignored and skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.shapes import GROWS, Role

_LEAST: Final = ("minimum", "minLength", "minItems")
_MOST: Final = ("maximum", "maxLength", "maxItems")
_TAGS: Final = ("type", "kind")
"""Fields that say what a message is."""
_IGNORED: Final = frozenset({"$schema", "title", "description", "definitions", GROWS})
_KNOWN: Final = _IGNORED | {
    *_LEAST, *_MOST, "$ref", "additionalProperties", "allOf", "anyOf", "const", "contentEncoding",
    "default", "enum", "items", "pattern", "properties", "required", "type",
}  # fmt: skip

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that somebody relies on and would miss.

    Attributes:
        at: Path of the field, e.g. ``join.since.epoch``; a list's items are ``[]``.
    """

    at: str
    what: str

    def __str__(self) -> str:
        return f"{self.at or 'the whole'}: {self.what}"


def breaks(old: Schema, new: Schema, role: Role) -> list[Break]:
    """What a step from ``old`` to ``new`` breaks; nothing if it is safe.

    Raises:
        ValueError: A schema has words that we cannot compare.
    """
    return list(_Step(old, new, role).compare("", old, new))


class _Step:
    def __init__(self, old: Schema, new: Schema, role: Role) -> None:
        self._old = old
        self._new = new
        self._narrowing = role != "out"
        """Whether it is a break that less is accepted."""
        self._widening = role != "in"
        """Whether it is a break that more is said."""
        self._met: dict[tuple[int, int], tuple[Schema, Schema]] = {}
        """By identity; kept, so that none of them is another's."""

    def compare(self, at: str, old: Schema, new: Schema) -> Iterator[Break]:
        """Alternative by alternative: two of the same type, or that call themselves the same."""
        olds, news = _alternatives(self._old, old), _alternatives(self._new, new)
        if "anything" in olds or "anything" in news:
            if "anything" not in news and self._narrowing:
                yield Break(at, "took anything, and does not any more")
            if "anything" not in olds and self._widening:
                yield Break(at, "may be anything now")
            return
        for name, one in olds.items():
            other = news.get(name) or (news.get("number") if name == "integer" else None)
            if other is not None:
                yield from self._alike(_join(at, name), one, other)
            elif _is_kind(name):
                yield Break(_join(at, name), "this kind is gone")
            elif self._narrowing:
                yield Break(at, f"was {name}, and may not be any more")
        for name in sorted(news.keys() - olds.keys()):
            fits = _is_kind(name) or (name == "integer" and "number" in olds)
            if self._widening and not fits:
                yield Break(at, f"may be {name} now")

    def _alike(self, at: str, old: Schema, new: Schema) -> Iterator[Break]:
        if (id(old), id(new)) in self._met:
            return
        self._met[id(old), id(new)] = old, new
        yield from self._values(at, old, new)
        yield from self._bounds(at, old, new)
        if old.get("contentEncoding") != new.get("contentEncoding"):
            yield Break(at, "is encoded otherwise")
        if "items" in old or "items" in new:
            yield from self.compare(f"{at}[]", old.get("items", {}), new.get("items", {}))
        if old.get("type") == "object" and new.get("type") == "object":
            yield from self._fields(at, old, new)

    def _values(self, at: str, old: Schema, new: Schema) -> Iterator[Break]:
        were, are = _values(old), _values(new)
        if are is not None and self._narrowing:
            if were is None:
                yield Break(at, f"took any, takes only {_list(are)} now")
            elif lost := [one for one in were if one not in are]:
                yield Break(at, f"does not take {_list(lost)} any more")
        if were is not None and self._widening and not old.get(GROWS):
            if are is None:
                yield Break(at, f"was one of {_list(were)}, may be any now")
            elif more := [one for one in are if one not in were]:
                yield Break(at, f"may be {_list(more)} now")

    def _bounds(self, at: str, old: Schema, new: Schema) -> Iterator[Break]:
        for words, tighter in ((_LEAST, max), (_MOST, min)):
            for word in words:
                yield from self._bound(at, word, old.get(word), new.get(word), tighter)
        before, after = old.get("pattern"), new.get("pattern")
        if before != after and after is not None and self._narrowing:
            yield Break(at, f"must match {after!r} now")
        if before != after and before is not None and self._widening:
            yield Break(at, f"need not match {before!r} any more")

    def _bound(
        self, at: str, word: str, old: float | None, new: float | None, tighter: Callable[..., Any]
    ) -> Iterator[Break]:
        if old == new:
            return
        narrower = old is None or (new is not None and tighter(old, new) == new)
        if self._narrowing if narrower else self._widening:
            yield Break(at, f"{word} was {_said(old)}, is {_said(new)}")

    def _fields(self, at: str, old: Schema, new: Schema) -> Iterator[Break]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        had, has = frozenset(old.get("required", ())), frozenset(new.get("required", ()))
        for name, field in olds.items():
            here = f"{at}.{name}" if at else name
            if name not in news:
                yield Break(here, "this field is gone")
                continue
            yield from self.compare(here, field, news[name])
            yield from self._presence(here, name in had, name in has)
            if name not in had | has and field.get("default") != news[name].get("default"):
                defaults = field.get("default"), news[name].get("default")
                yield Break(here, "its default was {!r}, is {!r}".format(*defaults))
        for name in sorted(news.keys() - olds.keys()):
            if name in has and self._narrowing:
                yield Break(f"{at}.{name}" if at else name, "a new field that must be there")
        if isinstance(old.get("additionalProperties", {}), dict):
            more = old.get("additionalProperties", {}), new.get("additionalProperties", {})
            yield from self.compare(f"{at}.*" if at else "*", *more)

    def _presence(self, at: str, had: bool, has: bool) -> Iterator[Break]:
        if had and not has and self._widening:
            yield Break(at, "was always there, and may be missing now")
        if has and not had and self._narrowing:
            yield Break(at, "might be missing, and must be there now")


def _alternatives(root: Schema, schema: Schema) -> dict[str, Schema]:
    """What it may be: type, or what it calls itself → schema."""
    schema = _resolved(root, schema)
    if "anyOf" in schema:
        found: dict[str, Schema] = {}
        for member in schema["anyOf"]:
            more = _alternatives(root, member)
            if twice := found.keys() & more.keys():
                raise ValueError(f"cannot compare two alternatives of one type: {sorted(twice)}")
            found |= more
        return found
    for tag in _TAGS:
        kind = schema.get("properties", {}).get(tag, {}).get("const")
        if kind is not None:
            return {f"{tag}={kind}": schema}
    values = _values(schema)
    if values is not None and "type" not in schema:
        types = {_type_of(value) for value in values}
        if len(types) == 1:
            return {types.pop(): schema}
        return {name: {"enum": [v for v in values if _type_of(v) == name]} for name in types}
    return {schema.get("type", "anything"): schema}


def _resolved(root: Schema, schema: Schema) -> Schema:
    """Past references, and what stands around a single one."""
    if unknown := sorted(set(schema) - _KNOWN):
        raise ValueError(f"cannot compare schemas with {', '.join(unknown)}")
    if "allOf" in schema:
        (one,) = schema["allOf"]
        return _resolved(root, one)
    if "$ref" in schema:
        return _resolved(root, root["definitions"][schema["$ref"].rpartition("/")[2]])
    return schema


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names[type(value)]


def _is_kind(name: str) -> bool:
    return "=" in name


def _join(at: str, name: str) -> str:
    """The path, with what a kind of message calls itself; types are not part of it."""
    if not _is_kind(name):
        return at
    kind = name.partition("=")[2]
    return f"{at}<{kind}>" if at else kind


def _list(values: list[Any]) -> str:
    return ", ".join(repr(value) for value in values)


def _said(bound: float | None) -> str:
    return "not bounded" if bound is None else str(bound)
