"""What somebody else wrote arrives, whatever it is.

On RabbitMQ alone: the broker in memory has no publishers but ours, and ``Outgoing`` takes text.
"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from broker.errors import ChannelLost
from broker.port import Binding, Delivery, ExchangeSpec, Offset, Outgoing
from tests.support.brokers import RabbitNode, publish, queue, taken
from tests.support.foreign import DECIMAL, STRANGE, Foreign, field, long, publisher

pytestmark = pytest.mark.rabbit

KINDS = ("classic", "quorum", "stream")


async def arrived(
    node: RabbitNode, url: str, *messages: Foreign, kinds: tuple[str, ...] = KINDS
) -> dict[str, list[Delivery]]:
    """These, through every kind of queue, each with one of ours behind them."""
    broker = await node.connect("it")
    await broker.declare(
        [queue(kind, kind) for kind in kinds],
        [ExchangeSpec("t", "topic")],
        [Binding("t", kind, "#") for kind in kinds],
    )
    async with publisher(url) as foreign:
        await foreign.publish(*messages)
    await publish(await broker.open(), Outgoing("t", "k", b"next"))
    found = {}
    for kind in kinds:
        offset: Offset | None = "first" if kind == "stream" else None
        inbox = await (await broker.open()).consume(kind, prefetch=100, offset=offset)
        found[kind] = await taken(inbox, len(messages) + 1)
    assert not broker.lost
    return found


async def test_bytes_that_are_no_text_arrive_and_so_does_the_next(
    rabbit_node: RabbitNode, amqp_url: str
) -> None:
    header = field(b"na\xffme", b"S", long(b"\xfevalue"))
    found = await arrived(
        rabbit_node,
        amqp_url,
        Foreign("t", b"a.\xff", b"0"),
        Foreign("t", b"k", b"1", content_type=b"\xff\xfe"),
        Foreign("t", b"k", b"2", message_id=b"id \xc3("),
        Foreign("t", b"k", b"3", headers=header),
        Foreign("t", b"\xff" * 255, b"4", b"\xff" * 255, b"\xff" * 255),
    )
    for kind, deliveries in found.items():
        assert [d.body for d in deliveries] == [b"0", b"1", b"2", b"3", b"4", b"next"], kind
        assert deliveries[0].key == "a.�", kind
        assert deliveries[1].content_type == "��", kind
        assert deliveries[2].message_id == "id �(", kind
        assert deliveries[3].headers["na�me"] == "�value", kind
        # Cut, so that whoever buries it or passes it on can send what he was told.
        assert deliveries[4].key == deliveries[4].message_id == "�" * 85, kind


async def test_headers_of_every_type_arrive(rabbit_node: RabbitNode, amqp_url: str) -> None:
    message = Foreign("t", b"k", b"odd", headers=DECIMAL + STRANGE)
    found = await arrived(rabbit_node, amqp_url, message, kinds=("classic", "quorum"))
    for kind, (odd, following) in found.items():
        assert (odd.body, following.body) == (b"odd", b"next"), kind
    headers = dict(found["classic"][0].headers)
    assert headers == {**found["quorum"][0].headers}
    deep = headers.pop("deep")
    while isinstance(deep, list) and deep:
        deep = deep[0]
    assert deep is None
    assert headers == {
        "decimal": Decimal("3.14"),
        "timestamp": datetime.fromtimestamp(1_700_000_000, UTC),
        "beyond": None,
        "table": {"in": True, "�": None},
        "array": [-5, None, "�"],
        "bytes": bytearray(b"\x00\xff"),
        "void": None,
        "octet": -1,
        "short": -2,
        "float": 0.5,
        "double": 0.25,
        "long": -(2**40),
        "�": "text �",
        "last": "ü",
    }


async def test_headers_of_every_type_arrive_through_a_log(
    rabbit_node: RabbitNode, amqp_url: str
) -> None:
    message = Foreign("t", b"k", b"odd", headers=STRANGE)
    found = await arrived(rabbit_node, amqp_url, message, kinds=("stream",))
    odd, following = found["stream"]
    assert (odd.body, following.body) == (b"odd", b"next")
    assert odd.headers["last"] == "ü"
    assert odd.offset is not None


async def test_what_the_broker_says_may_end_within_a_character(rabbit_node: RabbitNode) -> None:
    """It cuts its own words to 255 bytes, wherever that is."""
    broker = await rabbit_node.connect("it")
    for spare in ("", "x", "xx"):
        channel = await broker.open()
        number = await channel.send([Outgoing(spare + "線" * 84, "k", b"")])
        with pytest.raises(ChannelLost):
            await channel.confirmed(number)
    assert not broker.lost
