"""The bus in AsyncAPI is the topology, and has every message."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from schemas import asyncapi, log, messages, topology
from schemas.ids import SLOTS, DocumentId
from tests.unit.schemas.golden import golden

DOCUMENT = asyncapi.document(golden("frames"), golden("events"))
CHANNELS: dict[str, Any] = DOCUMENT["channels"]
ADDRESSES = {one["address"]: one for one in CHANNELS.values()}
INTERNAL = {topology.INTAKE}
"""Of nobody's concern outside."""


def test_every_exchange_is_a_channel_with_its_kind_and_arguments() -> None:
    document = topology.document_topology(DocumentId("{document}"))
    for exchange in (*topology.installation().exchanges, *document.exchanges):
        if exchange.name in INTERNAL:
            continue
        channel = ADDRESSES[exchange.name]
        bound = channel["bindings"]["amqp"]["exchange"]
        assert (bound["type"], bound["autoDelete"]) == (exchange.kind, exchange.auto_delete)
        assert channel.get("x-arguments", {}) == exchange.arguments


@pytest.mark.parametrize(
    ("address", "queue"),
    [("hub.shard.{slot}", topology.shard_queue(0)), ("hub.log.{slot}", topology.log_queue(0))],
)
def test_the_queues_of_all_slots_are_one_channel(address: str, queue: str) -> None:
    (declared,) = (one for one in topology.installation().queues if one.name == queue)
    channel = ADDRESSES[address]
    assert channel["x-arguments"] == declared.arguments
    assert len(channel["parameters"]["slot"]["enum"]) == SLOTS


def test_a_document_s_exchange_has_a_parameterised_address() -> None:
    channel = ADDRESSES["doc.{document}"]
    assert "article.42" in channel["parameters"]["document"]["examples"]


def test_every_message_and_record_is_on_a_channel() -> None:
    kinds = {
        member.__struct_config__.tag
        for union in (messages.ToShard, messages.Life, messages.Control, log.Record)
        for member in get_args(union)
    } | {"replies", "event", "presence", "reset"}
    said = {DOCUMENT["components"]["messages"][name]["name"]
            for channel in CHANNELS.values() for name in channel["messages"]}  # fmt: skip
    assert kinds <= said


def test_whoever_binds_a_queue_is_told_to_what() -> None:
    binds = ADDRESSES["{queue}"]["x-binds"]
    sources = {one.name for one in topology.installation().exchanges} | {"doc.article.42"}
    assert {one["exchange"] for one in binds} <= sources
    assert {"connect.#", "disconnect.#", "receive.#", "gateway.lost"} < {
        one["key"] for one in binds
    }


def test_an_event_is_published_as_the_page_on_the_bus_says() -> None:
    operation = DOCUMENT["operations"]["publishEvent"]
    assert operation["action"] == "receive"
    assert operation["bindings"]["amqp"]["mandatory"] is False
    assert operation["bindings"]["amqp"]["deliveryMode"] == 2
    message = DOCUMENT["components"]["messages"]["cloudEvent"]
    assert message["contentType"] == "application/cloudevents+json"
    assert message["x-routing-key"].startswith(":{slot}.{document}")
