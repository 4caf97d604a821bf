"""The browser protocol and the bus as one AsyncAPI 3 document, out of the same schemas. Pure.

``asyncapi_bus`` has the channels of the bus. What AsyncAPI's AMQP binding has no word for
(arguments of queues, alternate exchanges, routing keys of messages) is in ``x-`` extensions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas import asyncapi_bus, client_frames, corpus, shapes

VERSION: Final = "3.0.0"
_EXAMPLES: Final = 3
"""Of one message, at most."""
_REPLIES: Final[Mapping[str, Sequence[str]]] = {
    "hello": ("welcome", "error"),
    "join": ("joined", "error"),
    "update": ("ok", "error"),
    "send": ("ok", "error"),
    "sync": ("presence", "summary", "ok", "error"),
    "leave": ("ok", "error"),
    "token": ("ok", "error"),
    "pong": (),
}
"""What answers a frame that has an ``id``."""
_UNASKED: Final = ("event", "presence", "summary", "lease", "reset", "drain", "ping", "error")
_ABOUT: Final = """\
Browsers and gateways speak over one WebSocket, everybody else over RabbitMQ. Times are in `_ms` or
Unix milliseconds. Unknown fields are ignored and unknown kinds skipped. docs/protocol.md and
docs/bus.md say what is promised; msgpack is shown as JSON, its binary as base64.
"""


def document(frames: Mapping[str, Any], events: Mapping[str, Any]) -> dict[str, Any]:
    """The document.

    Args:
        frames, events: ``golden/frames.json`` and ``golden/events.json``: its examples.
    """
    said = corpus.section()
    messages = {
        **_frames("client-frames", frames["client"]),
        **_frames("gateway-frames", frames["gateway"]),
        **asyncapi_bus.messages(frames, events, said, _EXAMPLES),
    }
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Presently",
            "version": f"browser-1.bus-{corpus.BUS}",
            "description": _ABOUT,
        },
        "defaultContentType": "application/json",
        "servers": _SERVERS,
        "channels": {"browser": _browser(frames), **asyncapi_bus.channels()},
        "operations": {**_requests(), "tellBrowser": _tells(), **asyncapi_bus.operations()},
        "components": {
            "schemas": _schemas(),
            "messages": messages,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "account": {"type": "userPassword"},
            },
        },
    }


_SERVERS: Final = {
    "gateway": {
        "host": "presently.example.com",
        "protocol": "wss",
        "description": "Any gateway; a browser may come back to any other.",
        "security": [{"$ref": "#/components/securitySchemes/token"}],
    },
    "broker": {
        "host": "rabbitmq.example.com:5672",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ 3.10 or later. One vhost is one installation.",
        "security": [{"$ref": "#/components/securitySchemes/account"}],
    },
}


def _browser(frames: Mapping[str, Any]) -> dict[str, Any]:
    kinds = dict.fromkeys(one["type"] for side in ("client", "gateway") for one in frames[side])
    protocol = {"type": "string", "enum": [client_frames.SUBPROTOCOL]}
    return {
        "address": "/",
        "title": "The browser protocol, version 1",
        "description": "JSON text frames, both ways. `hello` comes first; see docs/protocol.md.",
        "servers": [{"$ref": "#/servers/gateway"}],
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
        "bindings": {
            "ws": {
                "method": "GET",
                "headers": {"type": "object", "properties": {"Sec-WebSocket-Protocol": protocol}},
                "bindingVersion": "0.1.0",
            }
        },
    }


def _frames(shape: str, golden: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A message for each frame; its examples are the golden ones."""
    found = {}
    for title, definition in shapes.schema(shape)["definitions"].items():
        kind = definition.get("properties", {}).get("type", {}).get("const")
        if kind is None:
            continue
        examples = [{"payload": frame} for frame in golden if frame["type"] == kind]
        found[kind] = {
            "name": kind,
            "summary": definition["description"].partition("\n")[0],
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/{shape}.{title}"},
            "examples": examples[:_EXAMPLES],
        }
    return found


def _requests() -> dict[str, Any]:
    """An operation for each frame of a browser, with what answers it."""
    made = {}
    for kind, answers in _REPLIES.items():
        channel = {"$ref": "#/channels/browser"}
        made[f"browser{kind.title()}"] = {
            "action": "receive",
            "channel": channel,
            "messages": [_of_browser(kind)],
            **(
                {"reply": {"channel": channel, "messages": [_of_browser(one) for one in answers]}}
                if answers
                else {}
            ),
        }
    return made


def _tells() -> dict[str, Any]:
    return {
        "action": "send",
        "summary": "What a browser is told unasked.",
        "channel": {"$ref": "#/channels/browser"},
        "messages": [_of_browser(kind) for kind in _UNASKED],
    }


def _of_browser(kind: str) -> dict[str, str]:
    return {"$ref": f"#/channels/browser/messages/{kind}"}


def _schemas() -> dict[str, Any]:
    """Every definition of every shape, as ``<shape>.<name>``."""
    return {
        f"{shape}.{title}": _moved(definition, shape)
        for shape in shapes.SHAPES
        for title, definition in shapes.schema(shape)["definitions"].items()
    }


def _moved(said: Any, shape: str) -> Any:
    """The same with its references to where the definitions are here."""
    if isinstance(said, dict):
        return {
            word: f"#/components/schemas/{shape}.{value.rpartition('/')[2]}"
            if word == "$ref"
            else _moved(value, shape)
            for word, value in said.items()
        }
    return [_moved(one, shape) for one in said] if isinstance(said, list) else said
