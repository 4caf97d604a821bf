"""The contract as JSON Schema: every frame, message, record and header, out of the types. Pure.

In the part that draft-07 and 2020-12 share, so that validators, AsyncAPI and generators of either
age read them: ``definitions``, ``const`` for what a message calls itself, one ``items`` for all of
an array, nothing beside a ``$ref``. What msgspec writes otherwise is rewritten here; a type that
cannot be said in that part is refused, when the files are made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from schemas import events, frames, limits, log, marks, messages

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
GROWS: Final = "x-grows"
"""An enumeration with this may have members tomorrow that today's readers do not know; the protocol
says what they do then."""
_GROWING: Final = frozenset({"ErrorCode"})
"""Whoever does not know an error's code goes by its ``temporary``."""
_UNKNOWN: Final = "Unknown"
"""What a reader makes of a kind it does not know. Nobody says it, so it is in no schema."""
_PREFIX: Final = "#/definitions/"
_ATTRIBUTE: Final = re.compile(r"^ {4}(?P<names>\w+(?:, \w+)*): (?P<text>.*)$")
_LIMIT: Final = re.compile(r"``limits\.(?P<name>\w+)``")
_MODULE: Final = re.compile(r"``schemas\.\w+\.(?=\w+``)")

Role = Literal["in", "out", "both"]
"""Who may be the older one, and so what must hold between a release and the next:

``in``: the writer, e.g. a page that was loaded last week; what it says must be read.
``out``: the reader; what is said to it must be what it was promised.
``both``: either, since neighbouring versions are mixed during a deploy, and logs are read back.
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """One file.

    Attributes:
        types: Any one of these is it.
        parts: Types that others of them refer to by name.
    """

    about: str
    role: Role
    types: tuple[Any, ...]
    parts: tuple[Any, ...] = ()


SHAPES: Final[Mapping[str, Shape]] = {
    "client-frames": Shape("Browser to gateway, JSON.", "in", (frames.ClientFrame,)),
    "gateway-frames": Shape(
        "Gateway to browser, JSON. The frames event, presence and reset are also what a document's "
        "exchange and hub.events carry.",
        "out",
        (frames.GatewayFrame,),
        (events.Envelope,),
    ),
    "event": Shape("A CloudEvent on hub.in or POST /v1/events, JSON.", "both", (events.Envelope,)),
    "change": Shape("The data of presently.change, JSON.", "both", (events.ChangeData,)),
    "to-shard": Shape(
        "Gateway to a shard's owner on hub.clients, msgpack; binary is base64 here. Acts also "
        "reach backends, as receive.<connection>.",
        "both",
        (messages.ToShard,),
    ),
    "life": Shape(
        "Connections beginning and ending, on hub.clients, msgpack.", "out", (messages.Life,)
    ),
    "to-gateway": Shape(
        "A shard's owner to one gateway on hub.events, msgpack.", "both", (messages.Replies,)
    ),
    "control": Shape(
        "Everybody to everybody on hub.control, msgpack.", "both", (messages.Control,)
    ),
    "log": Shape("Records of hub.log.<kk>, msgpack.", "both", (log.Record,)),
    "marks": Shape("Headers of a document's message.", "both", (marks.Headers,)),
    "dead": Shape("Headers of a dead letter on hub.dead.", "out", (marks.DeadHeaders,)),
}
"""File name without its ending → what is in it."""


def schema(name: str) -> dict[str, Any]:
    """One shape as JSON Schema."""
    shape = SHAPES[name]
    tops, components = msgspec.json.schema_components(
        [*shape.types, *shape.parts], ref_template=_PREFIX + "{name}"
    )
    wanted = list(tops[: len(shape.types)])
    said = {
        "$schema": DIALECT,
        "title": f"Presently: {name}",
        "description": shape.about,
        **(wanted[0] if len(wanted) == 1 else {"anyOf": wanted}),
        "definitions": dict(sorted(components.items())),
    }
    shared: dict[str, Any] = in_both_drafts(said)
    shared["definitions"].pop(_UNKNOWN, None)
    shared["definitions"] = {title: _described(one) for title, one in shared["definitions"].items()}
    if set(shared) & {"$ref"}:  # nothing may stand beside it
        shared = {**{k: v for k, v in shared.items() if k != "$ref"}, "allOf": [_ref(shared)]}
    for growing in _GROWING & shared["definitions"].keys():
        shared["definitions"][growing][GROWS] = True
    return shared


def in_both_drafts(said: Any) -> Any:
    """The same in words that both drafts have.

    Raises:
        ValueError: There are none.
    """
    if isinstance(said, list):
        return [in_both_drafts(one) for one in said]
    if not isinstance(said, dict):
        return said
    said = {word: said[word] for word in said if word != "discriminator"}  # OpenAPI's, of no draft
    if "prefixItems" in said:
        said = _array_of_one_type(said)
    if "enum" in said and len(said["enum"]) == 1:
        said = {**{word: said[word] for word in said if word != "enum"}, "const": said["enum"][0]}
    if "anyOf" in said:
        said["anyOf"] = [one for one in said["anyOf"] if one != {"$ref": _PREFIX + _UNKNOWN}]
    return {word: in_both_drafts(value) for word, value in said.items()}


def _described(definition: dict[str, Any]) -> dict[str, Any]:
    """The docstring in plain words, and what it says of attributes where these are."""
    about, attributes = _read(definition.get("description", ""))
    fields = {
        name: _about(field, attributes[name]) if name in attributes else field
        for name, field in definition.get("properties", {}).items()
    }
    return {
        **definition,
        **({"description": about} if about else {}),
        **({"properties": fields} if fields else {}),
    }


def _about(field: dict[str, Any], text: str) -> dict[str, Any]:
    return {"description": text, **({"allOf": [field]} if "$ref" in field else field)}


def _read(docstring: str) -> tuple[str, dict[str, str]]:
    """A docstring's text, and what it says of each attribute."""
    # Python 3.13 dedents docstrings by itself, 3.11 does not.
    text = _LIMIT.sub(_limit, inspect.cleandoc(docstring))
    text = _MODULE.sub("``", text).replace("``", "`")
    about, _, rest = text.partition("Attributes:\n")
    attributes: dict[str, str] = {}
    names: list[str] = []
    for line in rest.splitlines():
        if match := _ATTRIBUTE.match(line):
            names = match["names"].split(", ")
            attributes |= dict.fromkeys(names, match["text"])
        else:
            attributes |= {name: f"{attributes[name]} {line.strip()}".strip() for name in names}
    return about.strip(), attributes


def _limit(match: re.Match[str]) -> str:
    """A bound's name as its number and unit, for who has not our files."""
    name = match["name"]
    unit = {"BYTES": " bytes", "MS": " ms"}.get(name.rpartition("_")[2], "")
    return f"{getattr(limits, name)}{unit}"


def _array_of_one_type(said: dict[str, Any]) -> dict[str, Any]:
    """A tuple, which each draft spells its own way, as an array of so many."""
    first, *others = said["prefixItems"]
    if any(other != first for other in others):
        raise ValueError("a tuple of several types cannot be said in both drafts: make it a struct")
    more = {"minItems": len(others) + 1, "maxItems": len(others) + 1, "items": first}
    return {**{word: said[word] for word in said if word != "prefixItems"}, **more}


def _ref(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"$ref": said["$ref"]}
