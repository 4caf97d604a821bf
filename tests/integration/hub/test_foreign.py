"""Bytes that are no text, from a producer of somebody else's.

On RabbitMQ alone: the broker in memory takes messages only from us, and ours are text.
"""

from functools import partial

import msgpack
import pytest

from broker.amqp import connector
from broker.port import Outgoing
from schemas import topology
from schemas.ids import DocumentId, routing_key, slot_of
from tests.integration.hub.played_gateway import Gateway, gateway
from tests.integration.hub.support import change, event, hub, listener, publish
from tests.support.eventually import eventually
from tests.support.foreign import DECIMAL, STRANGE, Foreign, publisher

DOCUMENT = DocumentId("article.42")
KEY = routing_key(DOCUMENT).encode()


@pytest.mark.rabbit
async def test_what_is_no_text_is_dead_and_the_next_is_served(amqp_url: str) -> None:
    connect = connector(amqp_url)
    nonsense = [
        Foreign(topology.IN, KEY, b"{0", content_type=b"\xff\xfe"),
        Foreign(topology.IN, KEY, b"{1", message_id=b"\xff"),
        Foreign(topology.IN, KEY + b".\xff", b"{2"),
        Foreign(topology.IN, KEY, b"{3", headers=DECIMAL + STRANGE),
        Foreign(topology.IN, KEY + b"." + b"\xff" * 200, b"{4", b"\xff" * 255, b"\xff" * 255),
        Foreign(topology.CLIENTS, KEY, b"\xc1", b"\xff", b"\xff"),
    ]
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.DEAD, "#"), queue="dead") as dead,
    ):
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: g.present(DOCUMENT))
        async with publisher(amqp_url) as foreign:
            await foreign.publish(*nonsense)
        await publish(connect, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        await eventually(lambda: len(dead.taken) == len(nonsense))
        assert [letter.body for letter in dead.taken] == [one.body for one in nonsense]
        assert {letter.key for letter in dead.taken} == {topology.shard_queue(slot_of(DOCUMENT))}
        assert dead.taken[0].content_type == "��"
        assert dead.taken[2].headers["key"] == KEY.decode() + ".�"


@pytest.mark.rabbit
async def test_what_is_wrong_with_it_may_be_long(amqp_url: str) -> None:
    """The reason goes into a header, and no header may be larger than a frame."""
    connect = connector(amqp_url)
    seat = {"connection": "c", "user": "u", "name": "n", "info": b"{}", "state": b"{}"}
    acts = [{"kind": "join", "mode": "x" * 200_000, **seat}]
    said = {"kind": "acts", "gateway": "g", "term": 1, "document": DOCUMENT, "at": 1, "acts": acts}
    async with (
        hub(connect),
        gateway(connect) as g,
        listener(connect, (topology.DEAD, "#"), queue="dead") as dead,
    ):
        await g.join(DOCUMENT, "c1", "leela")
        await eventually(lambda: g.present(DOCUMENT))
        nonsense = Outgoing(topology.CLIENTS, KEY.decode(), msgpack.packb(said))
        await publish(connect, nonsense, change(DOCUMENT, "e1"))
        await eventually(lambda: g.events(DOCUMENT) == [(1, "e1")])
        await eventually(lambda: len(dead.taken) == 1)
        assert str(dead.taken[0].headers["reason"]).startswith("Invalid enum value 'xxx")
        assert len({heard.marks.generation for heard in g.heard}) == 1, "nobody took over"


@pytest.mark.rabbit
async def test_an_event_is_served_whatever_it_is_wrapped_in(amqp_url: str) -> None:
    """Its body is what counts: so also by way of the shard whose key it has."""
    connect = connector(amqp_url)
    wrong = f":{(slot_of(DOCUMENT) + 1) % 16:02d}.".encode() + b"\xff" * 250
    async with hub(connect), gateway(connect) as g:
        await g.join(DOCUMENT, "c1", "leela")
        async with publisher(amqp_url) as foreign:
            for number, key in enumerate((KEY, wrong, b"\xff" * 255), 1):
                body = event(DOCUMENT, f"e{number}")
                await foreign.publish(Foreign(topology.IN, key, body, b"\xff", b"\xff" * 255))
                await eventually(partial(_heard, g, number))


def _heard(g: Gateway, count: int) -> bool:
    return g.events(DOCUMENT) == [(n, f"e{n}") for n in range(1, count + 1)]
