"""Frames that name an exchange, by the names RabbitMQ takes rather than those pamqp allows.

A document's exchange is ``doc.<document>``, with ``~`` and ``%`` in it. RabbitMQ takes any 255
bytes for a name; pamqp refuses what goes beyond the specification's own domain (letters, digits
and a few marks, 127 bytes), so these frames are not asked to validate themselves.
"""

from __future__ import annotations

from typing import Any, Protocol

from aiormq.abc import AbstractChannel
from pamqp import commands
from pamqp.base import Frame

from broker.port import Binding, ExchangeSpec


class _Calls(Protocol):
    """What ``aiormq.Channel`` has and its abstract class does not say."""

    async def rpc(self, frame: Frame) -> Any: ...


class _Declare(commands.Exchange.Declare):
    def validate(self) -> None:
        """See above."""


class _BindQueue(commands.Queue.Bind):
    def validate(self) -> None:
        """See above."""


class _BindExchange(commands.Exchange.Bind):
    def validate(self) -> None:
        """See above."""


class _UnbindQueue(commands.Queue.Unbind):
    def validate(self) -> None:
        """See above."""


class _UnbindExchange(commands.Exchange.Unbind):
    def validate(self) -> None:
        """See above."""


async def declare_exchange(channel: AbstractChannel, spec: ExchangeSpec) -> None:
    """``exchange.declare``."""
    frame = _Declare(
        exchange=spec.name,
        exchange_type=spec.kind,
        durable=spec.durable,
        auto_delete=spec.auto_delete,
        arguments=dict(spec.arguments),
    )
    await _call(channel, frame)


async def declare_passively(channel: AbstractChannel, exchange: str) -> None:
    """``exchange.declare`` that only asks whether it is there."""
    await _call(channel, _Declare(exchange=exchange, passive=True))


async def bind(channel: AbstractChannel, binding: Binding) -> None:
    """``queue.bind`` or ``exchange.bind``."""
    if binding.to == "queue":
        await _call(
            channel,
            _BindQueue(queue=binding.destination, exchange=binding.source, routing_key=binding.key),
        )
    else:
        await _call(
            channel,
            _BindExchange(
                destination=binding.destination, source=binding.source, routing_key=binding.key
            ),
        )


async def unbind(channel: AbstractChannel, binding: Binding) -> None:
    """``queue.unbind`` or ``exchange.unbind``."""
    if binding.to == "queue":
        await _call(
            channel,
            _UnbindQueue(
                queue=binding.destination, exchange=binding.source, routing_key=binding.key
            ),
        )
    else:
        await _call(
            channel,
            _UnbindExchange(
                destination=binding.destination, source=binding.source, routing_key=binding.key
            ),
        )


async def _call(channel: AbstractChannel, frame: Frame) -> None:
    calls: _Calls = channel  # type: ignore[assignment]
    await calls.rpc(frame)
