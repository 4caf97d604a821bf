"""Exchanges and queues as data."""

from __future__ import annotations

from schemas import topology
from schemas.ids import SLOTS, document_id


def test_every_queue_says_its_type() -> None:
    every = (
        *topology.installation().queues,
        *topology.gateway_topology("g", 1).queues,
        *topology.worker_topology("w", 1).queues,
    )
    assert all("x-queue-type" in queue.arguments for queue in every)


def test_every_slot_is_fed_by_producers_and_gateways() -> None:
    binds = topology.installation().binds
    for slot in range(SLOTS):
        sources = {
            bind.source
            for bind in binds
            if bind.destination == topology.shard_queue(slot) and bind.key == f":{slot:02d}.#"
        }
        assert sources == {topology.IN, topology.CLIENTS}


def test_what_has_no_slot_is_not_lost() -> None:
    exchanges = {exchange.name: exchange for exchange in topology.installation().exchanges}
    assert exchanges[topology.IN].arguments == {"alternate-exchange": topology.INTAKE}
    assert topology.Bind(topology.INTAKE, topology.INTAKE, "") in topology.installation().binds


def test_bindings_name_what_is_declared() -> None:
    for made in (topology.installation(), topology.gateway_topology("g", 1)):
        queues = {queue.name for queue in made.queues}
        assert {bind.destination for bind in made.binds if bind.to == "queue"} <= queues


def test_delivery_limit_is_neither_none_nor_the_default() -> None:
    for queue in topology.installation().queues:
        if queue.arguments["x-queue-type"] == "quorum":
            assert queue.arguments["x-delivery-limit"] == 1_000_000


def test_a_routing_key_never_passes_what_amqp_takes() -> None:
    longest = document_id("a" * 80, "b" * 80, "c" * 38)
    assert len(longest) == 200
    assert len(topology.event_key(longest, "t" * 120)) == 255
    assert topology.event_key(document_id("article", "42"), "a.b") == "article.42.event.a.b"


def test_a_gateway_hears_of_its_own_overflow() -> None:
    lost, own = topology.gateway_topology("g", 2).queues
    assert own.arguments["x-dead-letter-routing-key"] == lost.name == "gateway.g.2.lost"
    assert lost.arguments["x-max-length"] == 1


def test_what_nobody_works_off_is_bounded() -> None:
    """All but the lines of messages that must not be lost; see docs/bounds.md."""
    bounds = ("x-max-length", "x-max-length-bytes", "x-max-age", "x-expires")
    unbounded = set()
    for declared in (
        topology.installation(),
        topology.gateway_topology("g", 1),
        topology.worker_topology("w", 1),
    ):
        for queue in declared.queues:
            said = {name: queue.arguments[name] for name in bounds if name in queue.arguments}
            if not said:
                unbounded.add(queue.name)
            elif queue.name.startswith("hub.log"):
                segment = queue.arguments["x-stream-max-segment-size-bytes"]
                assert segment == topology.LOG_SEGMENT_BYTES
                assert said == {
                    "x-max-length-bytes": topology.LOG_BYTES,
                    "x-max-age": topology.LOG_AGE,
                }
            elif queue.name == topology.DEAD:
                assert said == {
                    "x-max-length": topology.DEAD_MESSAGES,
                    "x-max-length-bytes": topology.DEAD_BYTES,
                }
            elif queue.name.endswith(".lost"):
                assert said == {"x-max-length": 1, "x-expires": topology.UNUSED_MS}
            else:
                bytes = topology.PROCESS_QUEUE_BYTES
                assert said == {"x-max-length-bytes": bytes, "x-expires": topology.UNUSED_MS}
    assert unbounded == {topology.INTAKE, *map(topology.shard_queue, range(16))}
