"""The AsyncAPI document has all of the browser protocol, and its examples are true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from schemas import asyncapi, frames
from schemas.client_frames import SUBPROTOCOL
from tests.unit.schemas.golden import golden

DOCUMENT = asyncapi.document(golden("frames"), golden("events"))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
BROWSER: dict[str, Any] = DOCUMENT["channels"]["browser"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def at(pointer: str) -> Any:
    found = DOCUMENT
    for word in pointer.removeprefix("#/").split("/"):
        found = found[word]
    return found


def test_every_reference_leads_somewhere() -> None:
    assert all(at(reference) for reference in references(DOCUMENT))


def test_every_frame_is_a_message_of_the_one_channel() -> None:
    unions = (frames.ClientFrame, frames.GatewayFrame)
    kinds = {kind.__struct_config__.tag for union in unions for kind in union.__args__}
    assert set(BROWSER["messages"]) == kinds
    assert BROWSER["bindings"]["ws"]["method"] == "GET"
    headers = BROWSER["bindings"]["ws"]["headers"]["properties"]
    assert headers["Sec-WebSocket-Protocol"]["enum"] == [SUBPROTOCOL]


def test_every_frame_of_a_browser_is_a_request_with_its_answers() -> None:
    asked = {
        reference["$ref"].rpartition("/")[2]
        for name, operation in DOCUMENT["operations"].items()
        if name.startswith("browser")
        for reference in operation["messages"]
    }
    assert asked == {kind.__struct_config__.tag for kind in frames.ClientFrame.__args__}
    answers = DOCUMENT["operations"]["browserJoin"]["reply"]["messages"]
    assert [one["$ref"].rpartition("/")[2] for one in answers] == ["joined", "error"]
    assert "reply" not in DOCUMENT["operations"]["browserPong"]


def test_every_frame_of_a_gateway_is_told_or_answers() -> None:
    said = {
        reference["$ref"].rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        for reference in [
            *(operation["messages"] if operation["action"] == "send" else ()),
            *operation.get("reply", {}).get("messages", ()),
        ]
    }
    assert said >= {kind.__struct_config__.tag for kind in frames.GatewayFrame.__args__}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_examples_that_satisfy_it(name: str) -> None:
    message = MESSAGES[name]
    if name == "deadLetter":
        return  # whatever it was
    assert message["examples"]
    for example in message["examples"]:
        for part in {"headers", "payload"} & message.keys():
            schema = {**message[part], "components": DOCUMENT["components"]}
            jsonschema.Draft7Validator(schema).validate(example[part])
