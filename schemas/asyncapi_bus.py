"""The bus in AsyncAPI: ``topology`` as channels, messages as they are in ``corpus``. Pure.

A channel's address is the exchange's or queue's name; which routing key a message has is in its
``x-routing-key``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas import codec, events, ids, shapes, topology

_VERSION: Final = "0.3.0"
_DOCUMENT_KEY: Final = ":{slot}.{document}"
_KEYS: Final[Mapping[str, str]] = {
    "acts": f"{_DOCUMENT_KEY}; blind copies to receive.{{connection}}",
    "seats": ":{slot}.seats",
    "watch": ":{slot}.watch",
    "probe": ":{slot}.probe",
    "renew": ":{slot}.renew",
    "connect": "connect.{connection}",
    "disconnect": "disconnect.{connection}",
    "gateway_lost": "gateway.lost",
    "replies": ":gateway.{gateway}.{term}",
}
_FAMILIES: Final = ("to-shard", "life", "to-gateway", "control", "log")
_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "hubIn": ("cloudEvent",),
    "hubClients": (
        "acts", "seats", "watch", "probe", "renew", "connect", "disconnect", "gateway_lost",
    ),
    "hubEvents": ("documentEvent", "documentPresence", "documentReset", "replies"),
    "document": ("documentEvent", "documentPresence", "documentReset"),
    "hubControl": (
        "control_hub", "control_gateway", "relay", "bye", "seats_wanted", "succeeded",
    ),
    "hubDead": ("deadLetter",),
    "shard": ("cloudEvent", "acts", "seats", "watch", "probe", "renew"),
    "log": ("claim", "batch", "state"),
    "backend": (
        "documentEvent", "documentPresence", "documentReset", "acts", "connect", "disconnect",
        "gateway_lost",
    ),
}  # fmt: skip
"""Channel → messages on it."""
_BINDS: Final = (
    (topology.EVENTS, "article.42.#", "all of one document"),
    (topology.EVENTS, "article.#", "all of a collection"),
    (topology.EVENTS, "*.*.event.presently.change", "row changes only"),
    ("doc.article.42", "#", "one document while it is watched; keeps its exchange"),
    (topology.CLIENTS, "connect.#", "connections that begin"),
    (topology.CLIENTS, "disconnect.#", "connections that end"),
    (topology.CLIENTS, "receive.#", "what browsers do"),
    (topology.CLIENTS, "gateway.lost", "all connections of a gateway are gone"),
)
"""What a backend may bind its own queue to."""
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "document": {
        "description": "A document's id: 2 to 5 words joined by '.'.",
        "examples": ["article.42", "acme.article.42", "article.~"],
    },
    "slot": {
        "description": f"crc32(document) mod {ids.SLOTS}, two digits.",
        "enum": [f"{slot:02d}" for slot in range(ids.SLOTS)],
    },
    "queue": {"description": "A name of your own.", "examples": ["billing"]},
}


def channels() -> dict[str, Any]:
    """A channel for each exchange, and for each kind of queue."""
    made = topology.installation()
    exchanges = {one.name: one for one in made.exchanges}
    queues = {one.name: one for one in made.queues}
    document = topology.document_topology(ids.DocumentId("{document}")).exchanges[0]
    return {
        "hubIn": _exchange(
            "hubIn", exchanges[topology.IN], "Producers, in any language, publish here."
        ),
        "hubClients": _exchange(
            "hubClients", exchanges[topology.CLIENTS], "Gateways publish here; backends may bind."
        ),
        "hubEvents": _exchange(
            "hubEvents",
            exchanges[topology.EVENTS],
            "What happens at documents, for gateways and for any backend that binds.",
        ),
        "document": _exchange(
            "document", document, "One document's, while it is watched; feeds hub.events."
        ),
        "hubControl": _exchange(
            "hubControl", exchanges[topology.CONTROL], "Everybody to everybody: who is alive."
        ),
        "hubDead": _exchange(
            "hubDead", exchanges[topology.DEAD], "Messages that are none, with the reason."
        ),
        "shard": _queue(
            "shard", queues[topology.shard_queue(0)], "One slot's line; only its owner consumes."
        ),
        "log": _queue(
            "log", queues[topology.log_queue(0)], "One slot's log, a stream; anybody may read."
        ),
        "backend": _backend(),
    }


def operations() -> dict[str, Any]:
    """What Presently does, and what others may."""
    amqp = {"amqp": {"deliveryMode": 2, "mandatory": False, "bindingVersion": _VERSION}}
    return {
        "publishEvent": {
            **_operation("receive", "hubIn", "A producer's event; durable once it is confirmed."),
            "bindings": amqp,
        },
        "tellDocument": _operation("send", "document", "To whoever is bound to a document."),
        "tellEverybody": _operation("send", "hubEvents", "To gateways and backends."),
        "tellClients": _operation("send", "hubClients", "What browsers do."),
        "tellBackend": _operation("send", "backend", "What a backend's own queue brings."),
        "control": _operation("send", "hubControl", "Heartbeats and requests."),
        "bury": _operation("send", "hubDead", "What nobody could read."),
        "record": _operation("send", "log", "What an owner tells its successor."),
    }


def messages(
    frames: Mapping[str, Any], events_: Mapping[str, Any], said: Mapping[str, Any], most: int
) -> dict[str, Any]:
    """Every message of the bus, with at most ``most`` examples each."""
    found: dict[str, Any] = {"cloudEvent": _cloud_event(events_, most), "deadLetter": _DEAD}
    for kind, headers in {mark["means"]["what"]: mark["headers"] for mark in said["marks"]}.items():
        found[f"document{kind.title()}"] = _document_message(kind, headers, frames)
    for family in _FAMILIES:
        for title, definition in shapes.schema(family)["definitions"].items():
            kind = definition.get("properties", {}).get("kind", {}).get("const")
            examples = [one["means"] for one in said[family] if one["means"]["kind"] == kind]
            if not examples:
                continue  # a part of a message
            name = _name(kind, family)
            found[name] = {
                "name": kind,
                "summary": definition["description"].partition("\n")[0],
                "contentType": codec.MSGPACK,
                "payload": {"$ref": f"#/components/schemas/{family}.{title}"},
                "examples": [{"payload": one} for one in examples[:most]],
                **({"x-routing-key": _KEYS[name]} if name in _KEYS else {}),
            }
    return found


def _name(kind: str, family: str) -> str:
    """Frames, acts and control messages share some kinds' names."""
    return f"control_{kind}" if family == "control" and kind in ("hub", "gateway") else kind


def _cloud_event(events_: Mapping[str, Any], most: int) -> dict[str, Any]:
    golden = [one for one in events_["events"] if "pad" not in one and "longest" not in one["name"]]
    return {
        "name": "cloudEvent",
        "summary": "One CloudEvent 1.0 in structured mode; its subject is the document.",
        "contentType": events.JSON_TYPE,
        "payload": {"$ref": "#/components/schemas/event.Envelope"},
        "examples": [{"name": one["name"], "payload": one["event"]} for one in golden[:most]],
        "x-routing-key": f"{_DOCUMENT_KEY}, or {{document}} alone, one hop later",
    }


def _document_message(
    kind: str, headers: Mapping[str, Any], frames: Mapping[str, Any]
) -> dict[str, Any]:
    """A frame as it travels on the bus, its position in the headers."""
    (frame, *_) = (one for one in frames["gateway"] if one["type"] == kind)
    title = {"event": "EventFrame", "presence": "PresenceFrame", "reset": "Reset"}[kind]
    return {
        "name": kind,
        "summary": f"The frame {kind} of the browser protocol.",
        "contentType": codec.JSON,
        "headers": {"$ref": "#/components/schemas/marks.Headers"},
        "payload": {"$ref": f"#/components/schemas/gateway-frames.{title}"},
        "examples": [{"headers": headers, "payload": frame}],
        "x-routing-key": "{document}.event.{type}" if kind == "event" else f"{{document}}.{kind}",
    }


_DEAD: Final[Mapping[str, Any]] = {
    "name": "deadLetter",
    "summary": "The body as it came.",
    "headers": {"$ref": "#/components/schemas/dead.DeadHeaders"},
    "payload": {},
    "x-routing-key": "the queue that it was taken from",
}


def _exchange(channel: str, exchange: topology.Exchange, about: str) -> dict[str, Any]:
    amqp = {
        "is": "routingKey",
        "exchange": {
            "name": exchange.name,
            "type": exchange.kind,
            "durable": True,
            "autoDelete": exchange.auto_delete,
        },
        "bindingVersion": _VERSION,
    }
    return _channel(channel, exchange.name, about, amqp, dict(exchange.arguments))


def _queue(channel: str, queue: topology.Queue, about: str) -> dict[str, Any]:
    """One queue stands for the queues of all slots."""
    name = queue.name.replace("00", "{slot}")
    return _channel(channel, name, about, _queue_binding(name), dict(queue.arguments))


def _backend() -> dict[str, Any]:
    about = "A backend's own queue, durable, bound at any time to what it wants to hear."
    made = _channel(
        "backend", "{queue}", about, _queue_binding("{queue}"), {"x-queue-type": "quorum"}
    )
    binds = [{"exchange": to, "key": key, "hears": hears} for to, key, hears in _BINDS]
    return {**made, "x-binds": binds}


def _queue_binding(name: str) -> dict[str, Any]:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False}
    return {"is": "queue", "queue": queue, "bindingVersion": _VERSION}


def _channel(
    channel: str, address: str, about: str, amqp: Mapping[str, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    names = [name for name in _PARAMETERS if f"{{{name}}}" in address]
    return {
        "address": address,
        "description": about,
        "servers": [{"$ref": "#/servers/broker"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _ON[channel]},
        **({"parameters": {name: _PARAMETERS[name] for name in names}} if names else {}),
        "bindings": {"amqp": amqp},
        **({"x-arguments": arguments} if arguments else {}),
    }


def _operation(action: str, channel: str, about: str) -> dict[str, Any]:
    messages: Sequence[str] = _ON[channel]
    return {
        "action": action,
        "summary": about,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }
