"""Every kind of break is found, for whom it is one; harmless changes are none."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from schemas import shapes
from schemas.compatibility import breaks
from schemas.shapes import GROWS, Role

OLD: dict[str, Any] = {
    "anyOf": [{"$ref": "#/definitions/Join"}, {"$ref": "#/definitions/Pong"}],
    "definitions": {
        "Join": {
            "type": "object",
            "properties": {
                "type": {"const": "join"},
                "id": {"anyOf": [{"type": "string", "maxLength": 64}, {"type": "null"}]},
                "document": {"type": "string", "pattern": "^[a-z]+$"},
                "mode": {"enum": ["reading", "editing"], "default": "reading"},
                "since": {"$ref": "#/definitions/Position"},
                "keys": {"type": "array", "items": {"type": "string"}, "maxItems": 200},
                "state": {"type": "object"},
                "shards": {"type": "object", "additionalProperties": {"type": "integer"}},
                "code": {"enum": ["locked", "limit"], GROWS: True},
                "body": {"type": "string", "contentEncoding": "base64"},
                "what": {},
            },
            "required": ["type", "document", "since"],
        },
        "Pong": {"type": "object", "properties": {"type": {"const": "pong"}}},
        "Position": {
            "type": "object",
            "properties": {"epoch": {"type": "string"}, "seq": {"type": "integer", "minimum": 0}},
            "required": ["epoch", "seq"],
        },
    },
}
"""A little of everything."""
ALL: tuple[Role, ...] = ("in", "out", "both")


def changed(change: str) -> dict[str, Any]:
    """``OLD`` after a change, written as Python on ``join`` (its fields), ``position`` and all."""
    new = deepcopy(OLD)
    definitions = new["definitions"]
    names = {
        "new": new,
        "definitions": definitions,
        "join": definitions["Join"]["properties"],
        "needed": definitions["Join"]["required"],
        "position": definitions["Position"]["properties"],
    }
    exec(change, {}, names)
    return new


NARROWER = [
    ("join['mode']['enum'].remove('editing')", "join.mode"),
    ("join['mode']['enum'][:] = ['reading']", "join.mode"),
    ("join['id']['anyOf'].pop()", "join.id"),
    ("join['id']['anyOf'][0]['maxLength'] = 32", "join.id"),
    ("join['document']['enum'] = ['x']", "join.document"),
    ("join['keys']['maxItems'] = 10", "join.keys"),
    ("join['keys']['minItems'] = 1", "join.keys"),
    ("join['keys']['items'] = {'type': 'string', 'maxLength': 5}", "join.keys[]"),
    ("position['seq']['minimum'] = 1", "join.since.seq"),
    ("position['seq']['maximum'] = 9", "join.since.seq"),
    ("join['shards']['additionalProperties']['minimum'] = 0", "join.shards.*"),
    ("join['new'] = {'type': 'string'}; needed.append('new')", "join.new"),
    ("needed.append('mode')", "join.mode"),
    ("join['what'] = {'type': 'string'}", "join.what"),
    ("join['document']['pattern'] = '^[a-c]+$'", "join.document"),
]
"""Less is accepted: breaks for whoever still writes by the old schema."""
WIDER = [
    ("join['mode']['enum'].append('watching')", "join.mode"),
    ("join['mode'] = {'type': 'string', 'default': 'reading'}", "join.mode"),
    ("join['id']['anyOf'].append({'type': 'integer'})", "join.id"),
    ("join['id']['anyOf'][0]['maxLength'] = 128", "join.id"),
    ("del join['id']['anyOf'][0]['maxLength']", "join.id"),
    ("del join['document']['pattern']", "join.document"),
    ("join['keys']['items'] = {}", "join.keys[]"),
    ("del position['seq']['minimum']", "join.since.seq"),
    ("position['seq']['type'] = 'number'", "join.since.seq"),
    ("position['epoch'] = {}", "join.since.epoch"),
    ("needed.remove('since')", "join.since"),
]
"""More may be said: breaks for whoever still reads by the old schema."""
ALWAYS = [
    ("del join['state']", "join.state"),
    ("del join['since']; needed.remove('since')", "join.since"),
    ("new['anyOf'].pop()", "pong"),
    ("join['mode']['default'] = 'editing'", "join.mode"),
    ("join['state'] = {'type': 'string'}", "join.state"),
    ("del join['body']['contentEncoding']", "join.body"),
    ("join['type']['const'] = 'enter'", "join"),
]
"""Breaks whoever is the older."""
HARMLESS = [
    "pass",
    "join['more'] = {'type': 'string', 'default': ''}",
    "position['more'] = {'type': 'string'}",
    "join['mode']['enum'].reverse()",
    "needed.reverse()",
    "join['code']['enum'].append('too_late')",
    "join['document']['description'] = 'in other words'",
    "definitions['Leave'] = {'type': 'object', 'properties': {'type': {'const': 'leave'}}};"
    "new['anyOf'].append({'$ref': '#/definitions/Leave'})",
    "definitions['Place'] = definitions.pop('Position');"
    "join['since'] = {'$ref': '#/definitions/Place'}",
    "join['since'] = {'allOf': [{'$ref': '#/definitions/Position'}]}",
]


def where(change: str, role: Role) -> list[str]:
    return [one.at for one in breaks(OLD, changed(change), role)]


@pytest.mark.parametrize(("change", "at"), NARROWER)
def test_to_accept_less_breaks_those_who_write_as_before(change: str, at: str) -> None:
    assert at in where(change, "in")
    assert at in where(change, "both")


@pytest.mark.parametrize(("change", "at"), WIDER)
def test_to_say_more_breaks_those_who_read_as_before(change: str, at: str) -> None:
    assert at in where(change, "out")
    assert at in where(change, "both")
    assert where(change, "in") == []


@pytest.mark.parametrize("change", [change for change, _ in NARROWER if "pattern" not in change])
def test_to_say_less_breaks_nobody_who_reads(change: str) -> None:
    assert where(change, "out") == []


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize(("change", "at"), ALWAYS)
def test_what_goes_or_means_something_else_breaks_everybody(
    change: str, at: str, role: Role
) -> None:
    assert at in where(change, role)


@pytest.mark.parametrize("role", ALL)
@pytest.mark.parametrize("change", HARMLESS)
def test_a_harmless_change_breaks_nobody(change: str, role: Role) -> None:
    assert where(change, role) == []


def test_a_break_says_where_and_what() -> None:
    (one,) = breaks(OLD, changed("join['mode']['enum'].remove('editing')"), "in")
    assert str(one) == "join.mode: does not take 'editing' any more"
    (one,) = breaks({"type": "string"}, {"type": "string", "maxLength": 3}, "in")
    assert str(one) == "the whole: maxLength was not bounded, is 3"


def test_words_that_it_cannot_compare_are_refused() -> None:
    for word in ("not", "oneOf", "patternProperties", "$defs"):
        with pytest.raises(ValueError, match=f"cannot compare schemas with {word.lstrip('$')}|\\$"):
            breaks({"type": "string"}, {"type": "string", word: {}}, "both")


def test_alternatives_that_it_cannot_tell_apart_are_refused() -> None:
    one = {"type": "object", "properties": {"a": {"type": "string"}}}
    schema = {"anyOf": [one, {"type": "object", "properties": {"b": {"type": "string"}}}]}
    with pytest.raises(ValueError, match="two alternatives of one type"):
        breaks(schema, schema, "both")


def test_whole_numbers_are_numbers() -> None:
    whole, any_number = {"type": "integer"}, {"type": "number"}
    assert breaks(whole, any_number, "in") == []
    assert breaks(any_number, whole, "out") == []
    assert breaks(any_number, whole, "in") != []
    assert breaks(whole, any_number, "out") != []


def test_schemas_that_refer_to_themselves_are_compared_once() -> None:
    tree = {
        "$ref": "#/definitions/Tree",
        "definitions": {
            "Tree": {
                "type": "object",
                "properties": {"kids": {"type": "array", "items": {"$ref": "#/definitions/Tree"}}},
            }
        },
    }
    assert breaks(tree, deepcopy(tree), "both") == []


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_ours_can_all_be_compared(name: str) -> None:
    assert breaks(shapes.schema(name), shapes.schema(name), "both") == []
