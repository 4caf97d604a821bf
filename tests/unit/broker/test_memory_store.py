"""Publishing, dead-lettering and deletion over all queues together."""

import pytest

from broker.errors import NoSuchQueue
from broker.memory_store import Store
from broker.port import Binding, ExchangeSpec, Outgoing, QueueSpec


async def store() -> Store:
    one = Store(10**6)
    one.declare(
        [
            QueueSpec("q", {"x-queue-type": "classic", "x-max-length": 1}),
            QueueSpec("dead", {"x-queue-type": "classic"}),
            QueueSpec(
                "bounded",
                {
                    "x-queue-type": "classic",
                    "x-max-length": 1,
                    "x-dead-letter-exchange": "graves",
                },
            ),
        ],
        [ExchangeSpec("t", "topic")],
        [Binding("t", "q", "#")],
    )
    return one


async def test_a_missing_exchange_is_told_but_not_by_dead_letters() -> None:
    one = await store()
    with pytest.raises(NoSuchQueue):
        one.publish(Outgoing("nowhere", "k", b""))
    for _ in range(2):
        one.publish(Outgoing("", "bounded", b""))  # "graves" does not exist: gone for good
    one.declare([], [ExchangeSpec("graves", "fanout")], [Binding("graves", "dead", "")])
    one.publish(Outgoing("", "bounded", b""))
    assert one.queue("dead").depth() == 1


async def test_deleting_a_queue_takes_its_bindings() -> None:
    one = await store()
    one.delete("q")
    one.delete("q")
    assert one.routes.route("t", ["k"]) == []
    with pytest.raises(NoSuchQueue):
        one.queue("q")
