"""Frames put together."""

from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from broker.amqp_deliveries import Assembler


def test_a_body_in_pieces() -> None:
    assembler = Assembler()
    assembler.begin(Basic.Deliver("c", 3, True, "e", "k"))
    properties = Basic.Properties(headers={"x-stream-offset": 12}, message_id="m")
    assert assembler.header(ContentHeader(body_size=5, properties=properties)) is None
    assert assembler.body(ContentBody(b"ab")) is None
    delivery = assembler.body(ContentBody(b"cde"))
    assert delivery is not None
    assert (delivery.tag, delivery.redelivered) == (3, True)
    assert (delivery.exchange, delivery.key) == ("e", "k")
    assert (delivery.body, delivery.offset, delivery.message_id) == (b"abcde", 12, "m")


def test_no_body_and_nothing_left_over() -> None:
    assembler = Assembler()
    for tag, body in ((1, b"x"), (2, b"")):
        assembler.begin(Basic.Deliver("c", tag, False, "", "q"))
        delivery = assembler.header(ContentHeader(body_size=len(body)))
        if body:
            delivery = assembler.body(ContentBody(body))
        assert delivery is not None
        assert (delivery.tag, delivery.body) == (tag, body)
        assert (delivery.headers, delivery.content_type, delivery.offset) == ({}, "", None)
