"""Whether something said on a wire is what ``schemas/`` promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import jsonschema
import msgspec
import pytest

from broker.memory import MemoryBroker
from broker.memory_channel import MemoryChannel
from broker.port import Outgoing
from schemas import codec, shapes, topology

OURS: Final = ("gateway/", "hub/")
"""How our services' connections are called."""
LIFE: Final = ("connect", "disconnect", "gateway_lost")
EACH: Final = 5
"""Of each kind so many are looked at in one test: it takes up to a millisecond each."""


LONGEST: Final = 64 * 1024
"""Bytes of a message that is looked at."""


@cache
def validators(name: str) -> tuple[Any, ...]:
    """Of one shape, e.g. ``gateway-frames``, as either draft understands it."""
    drafts = (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)
    return tuple(draft(shapes.schema(name)) for draft in drafts)


def complaints(name: str, value: Any) -> list[str]:
    """What is wrong with a value, by its schema."""
    return [
        f"{one.json_path}: {one.message}"
        for validator in validators(name)
        for one in validator.iter_errors(value)
    ]


def said_by(message: Outgoing) -> Iterator[tuple[str, Any]]:
    """What a message of ours says, each with the shape that it should have."""
    match message.exchange:
        case topology.CLIENTS:
            value = _plain(message.body)
            yield ("life" if value["kind"] in LIFE else "to-shard"), value
        case topology.CONTROL:
            yield "control", _plain(message.body)
        case topology.DEAD:
            yield "dead", dict(message.headers)
        case topology.IN:
            yield "event", msgspec.json.decode(message.body)
        case topology.EVENTS if message.key.startswith(":gateway."):
            yield "to-gateway", _plain(message.body)
        case "" if message.key.startswith("hub.log."):
            yield "log", _plain(message.body)
        case exchange if exchange == topology.EVENTS or exchange.startswith("doc."):
            yield "marks", {name: v for name, v in message.headers.items() if name != "BCC"}
            yield "gateway-frames", msgspec.json.decode(message.body)


def _plain(body: bytes) -> Any:
    """As the schemas show it: binary is base64."""
    return msgspec.to_builtins(codec.unpack(body))


class Listener:
    """Holds what our services say on brokers in memory to the contract.

    It looks at them when the test is over, so that nobody waits for it.

    Attributes:
        heard: How often what was said, as ``<shape> <kind>``.
    """

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self._said: list[tuple[str, Any]] = []

    def hear(self, batch: Sequence[Outgoing]) -> None:
        """Messages on their way."""
        for message in batch:
            if len(message.body) <= LONGEST:
                for name, value in said_by(message):
                    self.note(name, value)

    def note(self, name: str, value: Any) -> None:
        """Something of a shape."""
        kind = f"{name} {value.get('kind') or value.get('type') or value.get('w')}"
        self.heard[kind] += 1
        if self.heard[kind] <= EACH:
            self._said.append((name, value))

    def wrong(self) -> list[str]:
        """What broke it."""
        return [
            f"{name}: {one.json_path}: {one.message}: {value}"
            for name, value in self._said
            for one in validators(name)[0].iter_errors(value)
        ]


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Every message of our gateways and hubs in this test is as its schema says."""
    listener = Listener()
    opened = MemoryBroker.open

    async def open(self: MemoryBroker) -> MemoryChannel:
        channel = await opened(self)
        send = channel.send

        async def heard(batch: Sequence[Outgoing]) -> int:
            listener.hear(batch)
            return await send(batch)

        if self.name.startswith(OURS):
            monkeypatch.setattr(channel, "send", heard)
        return channel

    monkeypatch.setattr(MemoryBroker, "open", open)
    yield listener
    assert listener.wrong() == []
