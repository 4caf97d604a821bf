"""The JSON Schemas: in both drafts, complete, and true of what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import msgspec
import pytest

from schemas import corpus, frames, log, marks, messages, shapes
from schemas.unknown import Unknown
from tests.support.contract import complaints
from tests.unit.schemas.golden import golden

WORDS = frozenset({
    "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const", "contentEncoding",
    "default", "definitions", "description", "enum", "items", "maxItems", "maxLength", "maximum",
    "minItems", "minLength", "minimum", "pattern", "properties", "required", "title", "type",
    shapes.GROWS,
})  # fmt: skip
"""What both drafts have, and read alike."""
UNIONS: dict[str, Any] = {
    "client-frames": frames.ClientFrame,
    "gateway-frames": frames.GatewayFrame,
    "to-shard": messages.ToShard | messages.Act,
    "life": messages.Life,
    "to-gateway": messages.Replies | messages.Reply,
    "control": messages.Control,
    "log": log.Record | log.Fact,
}


def schemas_in(value: Any) -> Iterator[dict[str, Any]]:
    """A schema and all inside it."""
    yield value
    for word, inner in value.items():
        if word in ("properties", "definitions"):
            for one in inner.values():
                yield from schemas_in(one)
        elif word in ("items", "additionalProperties") and isinstance(inner, dict):
            yield from schemas_in(inner)
        elif word in ("anyOf", "allOf"):
            for one in inner:
                yield from schemas_in(one)


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_it_has_only_words_that_both_drafts_read_alike(name: str) -> None:
    schema = shapes.schema(name)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    for one in schemas_in(schema):
        assert set(one) <= WORDS
        assert "$ref" not in one or set(one) == {"$ref"}, "draft-07 ignores what is beside it"
        assert not isinstance(one.get("items"), list), "2020-12 has another word for tuples"
        if "$ref" in one:
            assert one["$ref"].removeprefix("#/definitions/") in schema["definitions"]


@pytest.mark.parametrize("name", UNIONS)
def test_every_frame_message_and_record_is_in_it(name: str) -> None:
    ours = {kind.__struct_config__.tag for kind in get_args(UNIONS[name]) if kind is not Unknown}
    definitions = shapes.schema(name)["definitions"].values()
    properties = [one.get("properties", {}) for one in definitions]
    tags = {one.get("type", {}).get("const") or one.get("kind", {}).get("const")
            for one in properties}  # fmt: skip
    assert tags - {None} == ours


@pytest.mark.parametrize(
    ("side", "name"), [("client", "client-frames"), ("gateway", "gateway-frames")]
)
def test_golden_frames_satisfy_it(side: str, name: str) -> None:
    for frame in golden("frames")[side]:
        assert complaints(name, frame) == []


def test_what_a_gateway_refuses_for_its_shape_does_not_satisfy_it() -> None:
    for one in golden("frames")["refused"]:
        try:
            frame = json.loads(one["text"])
        except ValueError:
            continue
        assert complaints("client-frames", frame) != [], one["text"]


def test_golden_events_satisfy_it_and_the_data_of_changes() -> None:
    for one in golden("events")["events"]:
        assert complaints("event", one["event"]) == [], one["name"]
        if one["event"]["type"] == "presently.change":
            assert complaints("change", one["event"]["data"]) == [], one["name"]


@pytest.mark.parametrize("version", golden("bus"))
def test_what_every_version_of_the_bus_says_satisfies_it(version: str) -> None:
    section = golden("bus")[version]
    for family in corpus.READERS:
        for one in section[family]:
            assert complaints(family, one["means"]) == []
    for one in section["marks"]:
        assert complaints("marks", one["headers"]) == []


def test_the_headers_are_those_of_marks() -> None:
    (mark, *_) = corpus.MARKS
    assert set(mark.headers()) == set(marks.Headers.__struct_fields__)


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_it_speaks_to_who_has_not_our_files(name: str) -> None:
    text = json.dumps(shapes.schema(name))
    assert [word for word in ("``", "limits.", "schemas.", "Attributes:") if word in text] == []


def test_what_a_docstring_says_of_a_field_is_said_there() -> None:
    definitions = shapes.schema("gateway-frames")["definitions"]
    assert definitions["Ping"]["description"] == "Answer `pong` within 10000 ms."
    user = definitions["User"]["properties"]
    assert user["info"]["description"] == "JSON object from the token, at most 1024 bytes."
    assert "description" not in user["name"]
    frames = shapes.schema("client-frames")["definitions"]["Join"]["properties"]
    assert frames["since"]["description"].startswith("Resume after this position")


def test_a_tuple_of_several_types_is_refused() -> None:
    class Mixed(msgspec.Struct):
        both: tuple[int, str]

    _, components = msgspec.json.schema_components([Mixed])
    with pytest.raises(ValueError, match="make it a struct"):
        shapes.in_both_drafts(components)
