"""What AMQP 0-9-1 can carry. Pure.

Checked before anything is sent: a client library that meets it half way through a batch, or inside
the connection's own task, would harm others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from broker.port import Binding, ExchangeSpec, QueueSpec

SHORT_BYTES: Final = 255
"""Bytes of a name, key, content type or message id (a "short string", specification §4.2.5.3)."""


def check_short(*texts: str) -> None:
    """Raises:
    ValueError: One is longer than AMQP takes.
    """
    for text in texts:
        # A character has at most four bytes, so most texts need not be encoded.
        if len(text) * 4 > SHORT_BYTES and len(raw := text.encode()) > SHORT_BYTES:
            raise ValueError(f"{len(raw)} bytes, AMQP takes {SHORT_BYTES}: {text[:40]}…")


def check_topology(
    queues: Sequence[QueueSpec], exchanges: Sequence[ExchangeSpec], bindings: Sequence[Binding]
) -> None:
    """Raises:
    ValueError: A name or key is longer than AMQP takes.
    """
    check_short(*(queue.name for queue in queues), *(exchange.name for exchange in exchanges))
    for binding in bindings:
        check_short(binding.source, binding.destination, binding.key)
