"""The browser protocol as TypeScript types, out of the same schemas: ``contract.d.ts``. Pure.

The JavaScript client takes its own types from there (``browser/src/frames.js``, ``types.js``), so
that the two cannot part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas import shapes

_TOPS: Final[Mapping[str, str]] = {
    "client-frames": "ClientFrame",
    "gateway-frames": "GatewayFrame",
}
"""Shapes that are unions, and what the union is called."""
_FROM: Final = (*_TOPS, "change")
_TYPES: Final[Mapping[str, str]] = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_HEAD: Final = """\
/**
 * The frames of the browser protocol and the events in them, version 1.
 *
 * Written by `make schemas` out of the types in `schemas/`; never edit it. An older page meets a
 * newer gateway: there may be more fields than are named here, more error codes, more types.
 *
 * @module
 */
"""
_WIDTH: Final = 100


def text() -> str:
    """The whole file."""
    interfaces: dict[str, str] = {}
    unions = []
    for name in _FROM:
        schema = shapes.schema(name)
        for title, definition in schema["definitions"].items():
            made = "\n".join(_declaration(title, definition, schema["definitions"]))
            if interfaces.setdefault(title, made) != made:
                raise ValueError(f"two types are called {title}")
        if name in _TOPS:
            unions.append(_alias(_TOPS[name], schema["description"], _type(schema, schema)))
    return "\n".join([_HEAD, *(interfaces[title] for title in sorted(interfaces)), *unions])


def _declaration(title: str, schema: Mapping[str, Any], all_of_them: Any) -> Iterator[str]:
    about = schema.get("description", "")
    name = _name(title, schema)
    if schema.get("type") != "object":
        yield _alias(name, about, _type(schema, all_of_them))
        return
    yield from _comment(about)
    yield f"export interface {name} {{"
    required = schema.get("required", ())
    for field, value in schema["properties"].items():
        yield from _comment(value.get("description", ""), "  ")
        mark = "" if field in required else "?"
        yield f"  {field}{mark}: {_type(value, all_of_them)};"
    yield "}\n"


def _alias(name: str, about: str, type: str) -> str:
    line = f"export type {name} = {type};"
    if len(line) > _WIDTH:
        line = f"export type {name} =\n  | " + "\n  | ".join(type.split(" | ")) + ";"
    return "\n".join([*_comment(about), line, ""])


def _type(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    definitions = root.get("definitions", root)
    match schema:
        case {"$ref": str(ref)}:
            title = ref.rpartition("/")[2]
            return _name(title, definitions[title])
        case {"allOf": [one]}:
            return _type(one, root)
        case {"anyOf": list(some)}:
            return " | ".join(_type(one, root) for one in some)
        case {"const": value}:
            return json.dumps(value)
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value) for value in values)
        case {"type": "array", "items": items, "minItems": 2, "maxItems": 2}:
            return f"readonly [{_type(items, root)}, {_type(items, root)}]"
        case {"type": "array", "items": items}:
            item = _type(items, root)
            return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
        case {"type": "object", "additionalProperties": dict(more)} if more:
            return f"Record<string, {_type(more, root)}>"
        case {"type": "object"}:
            return "Record<string, unknown>"
        case {"type": str(plain)} if plain in _TYPES:
            return _TYPES[plain]
        case _:
            return "unknown"


def _name(title: str, schema: Mapping[str, Any]) -> str:
    """What has a ``type`` of its own is a frame, and called so."""
    is_frame = "const" in schema.get("properties", {}).get("type", {})
    return f"{title}Frame" if is_frame and not title.endswith("Frame") else title


def _comment(about: str, indent: str = "") -> Iterator[str]:
    if not about:
        return
    lines = [line for paragraph in about.split("\n") for line in _wrapped(paragraph, indent)]
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
        return
    yield f"{indent}/**"
    yield from (f"{indent} * {line}".rstrip() for line in lines)
    yield f"{indent} */"


def _wrapped(paragraph: str, indent: str) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        if line and len(indent) + len(line) + len(word) + 8 > _WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
