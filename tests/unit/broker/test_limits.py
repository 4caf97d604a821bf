"""What AMQP can carry."""

import pytest

from broker.limits import check_short, check_topology
from broker.port import Binding, ExchangeSpec, QueueSpec


def test_bytes_count_not_characters() -> None:
    check_short("", "k" * 255, "é" * 127)
    for long in ("k" * 256, "é" * 128, "😀" * 64):
        with pytest.raises(ValueError, match="AMQP takes 255"):
            check_short("fine", long)


def test_every_name_is_looked_at() -> None:
    long = "k" * 256
    for queues, exchanges, bindings in (
        ([QueueSpec(long, {})], [], []),
        ([], [ExchangeSpec(long, "topic")], []),
        ([], [], [Binding(long, "q", "#")]),
        ([], [], [Binding("e", long, "#")]),
        ([], [], [Binding("e", "q", long)]),
    ):
        with pytest.raises(ValueError, match="AMQP takes 255"):
            check_topology(queues, exchanges, bindings)
