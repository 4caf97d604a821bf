"""What the check calls safe is safe, as a validator sees it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given, strategies as st

from schemas.compatibility import breaks
from schemas.shapes import Role
from tests.property.pace import pace

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.text("xyz", max_size=4)
BOUNDS = st.integers(0, 4)


def bounded(type: str, least: str, most: str) -> st.SearchStrategy[dict[str, Any]]:
    """A type with perhaps a bound at either end, in order."""

    def made(bounds: list[int | None]) -> dict[str, Any]:
        low, high = bounds
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
        said = {"type": type, least: low, most: high}
        return {word: value for word, value in said.items() if value is not None}

    return st.lists(st.none() | BOUNDS, min_size=2, max_size=2).map(made)


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def made(fields: dict[str, dict[str, Any]], needed: set[str]) -> dict[str, Any]:
        required = sorted(needed & fields.keys())
        return {"type": "object", "properties": fields, "required": required}

    return st.builds(made, st.dictionaries(NAMES, inner, max_size=3), st.sets(NAMES))


def lists(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    arrays = bounded("array", "minItems", "maxItems")
    return st.builds(lambda array, items: {**array, "items": items}, arrays, inner)


LEAVES = st.one_of(
    bounded("string", "minLength", "maxLength"),
    bounded("integer", "minimum", "maximum"),
    st.sampled_from([{"type": "null"}, {"type": "boolean"}, {"type": "number"}, {}]),
    st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True).map(
        lambda values: {"enum": values} if len(values) > 1 else {"const": values[0]}
    ),
)


def optional(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    typed = inner.filter(lambda one: one.get("type", "") not in ("", "null"))
    return typed.map(lambda one: {"anyOf": [one, {"type": "null"}]})


SCHEMAS = st.recursive(
    LEAVES, lambda inner: objects(inner) | lists(inner) | optional(inner), max_leaves=5
)
ANYTHING = st.sampled_from([None, True, 0, 2, 5, 1.5, "", "x", "xxxxx", [], [1], {}, {"a": 1}])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema, and another that is often much like it."""
    old = draw(SCHEMAS)
    new = draw(st.sampled_from([old, draw(SCHEMAS)]))
    return old, _tweaked(draw, new)


def _tweaked(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    """The same with other bounds, values or fields here and there."""
    new = dict(schema)
    for word in ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"):
        if word in new and draw(st.booleans()):
            new[word] = draw(BOUNDS)
    if "enum" in new and draw(st.booleans()):
        new["enum"] = new["enum"][1:] or new["enum"]
    if "items" in new:
        new["items"] = _tweaked(draw, new["items"])
    if "properties" in new:
        fields = {name: _tweaked(draw, one) for name, one in new["properties"].items()}
        for name in draw(st.sets(NAMES, max_size=1)):
            fields.setdefault(name, draw(LEAVES))
        new["properties"] = fields
        needed = set(new["required"]) ^ draw(st.sets(NAMES, max_size=1))
        new["required"] = sorted(needed & fields.keys())
    return new


def value(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """Something that a process that knows this schema says; rejected where nothing is."""
    if "anyOf" in schema:
        return value(draw, draw(st.sampled_from(schema["anyOf"])))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    match schema.get("type"):
        case "string":
            low, high = schema.get("minLength", 0), schema.get("maxLength", 6)
            assume(low <= high)
            return draw(st.text("xyz", min_size=low, max_size=high))
        case "integer":
            low, high = schema.get("minimum", -2), schema.get("maximum", 6)
            assume(low <= high)
            return draw(st.integers(low, high))
        case "array":
            low, high = schema.get("minItems", 0), schema.get("maxItems", 5)
            assume(low <= high)
            return [value(draw, schema["items"]) for _ in range(draw(st.integers(low, high)))]
        case "object":
            return {
                name: value(draw, one)
                for name, one in schema["properties"].items()
                if name in schema["required"] or draw(st.booleans())
            }
        case "null":
            return None
        case "boolean":
            return draw(st.booleans())
        case "number":
            return draw(st.sampled_from([0, 1.5, -3]))
        case _:
            return draw(ANYTHING)


@st.composite
def said(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    return value(draw, schema)


def holds(schema: dict[str, Any], one: Any) -> bool:
    return bool(jsonschema.Draft7Validator(schema).is_valid(one))


@given(SCHEMAS)
def test_a_schema_breaks_nothing_of_itself(schema: dict[str, Any]) -> None:
    assert breaks(schema, dict(schema), "both") == []


@pytest.mark.parametrize("role", ["in", "out", "both"])
@pace(120)
@given(st.data())
def test_what_is_called_safe_is_accepted(role: Role, data: st.DataObject) -> None:
    old, new = data.draw(pairs())
    assume(breaks(old, new, role) == [])

    if role != "out":
        assert holds(new, data.draw(said(old))), "an old message is not taken any more"
    if role != "in":
        assert holds(old, data.draw(said(new))), "a new message is not what was promised"
