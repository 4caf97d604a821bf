"""What strangers wrote, read."""

import struct
from datetime import UTC, datetime

import pamqp.frame
import pytest
from pamqp.commands import Basic
from pamqp.encode import field_table
from pamqp.header import ContentHeader

from broker import amqp_values
from broker.amqp_values import DEPTH, short_string, table, timestamp
from broker.limits import check_short
from tests.support.foreign import Foreign, field, long, nested


def read(fields: bytes) -> dict[str, object]:
    used, found = table(long(fields) + b"more")
    assert used == 4 + len(fields)
    return {**found}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        ("Grüße".encode(), "Grüße"),
        (b"\xff\xfe", "��"),
        (b"cut \xe7\xb7", "cut �"),
    ],
)
def test_a_short_string_is_text(raw: bytes, text: str) -> None:
    assert short_string(bytes((len(raw),)) + raw + b"more") == (1 + len(raw), text)


@pytest.mark.parametrize(
    "raw", [b"\xff" * 255, b"ab" + b"\xff" * 253, "é".encode() * 127 + b"\xc3"]
)
def test_what_was_read_can_be_sent_on(raw: bytes) -> None:
    used, text = short_string(b"\xff" + raw)
    assert used == 256
    check_short(text)
    assert text.startswith(raw[:2].decode(errors="replace")[0])


def test_a_time_beyond_the_calendar_is_none() -> None:
    assert timestamp(struct.pack(">Q", 60)) == (8, datetime.fromtimestamp(60, UTC))
    for beyond in (2**63, 2**64 - 1, 10**16):
        assert timestamp(struct.pack(">Q", beyond)) == (8, None)


def test_a_table_of_ours_reads_as_it_was_written() -> None:
    headers = {"BCC": ["a", "b"], "n": -(2**40), "t": True, "in": {"ö": "ü", "none": None}}
    written = field_table(headers)  # type: ignore[arg-type]
    assert table(written) == (len(written), headers)


def test_after_a_type_nobody_knows_the_rest_is_left_out() -> None:
    first, unknown, rest = (
        field(b"a", b"t", b"\x01"),
        field(b"b", b"?", b"12"),
        field(b"c", b"V", b""),
    )
    assert read(first + unknown + rest) == {"a": True}
    inner = field(b"in", b"F", long(first + unknown))
    assert read(inner + rest) == {"in": {"a": True}, "c": None}


@pytest.mark.parametrize(
    "broken",
    [
        field(b"b", b"S", struct.pack(">I", 2**32 - 1) + b"short"),
        field(b"b", b"A", struct.pack(">I", 9) + b"short"),
        field(b"b", b"l", b"\x00"),
        field(b"b", b"S", b"\x00"),
        b"\x01b",
        b"\xff",
    ],
)
def test_what_ends_too_early_costs_only_itself(broken: bytes) -> None:
    assert read(field(b"a", b"t", b"\x01") + broken) == {"a": True}


def test_a_table_is_looked_into_only_so_deep() -> None:
    found = read(field(b"deep", b"A", nested(20_000)) + field(b"next", b"t", b"\x01"))
    depth, value = 0, found["deep"]
    while isinstance(value, list):
        depth, value = depth + 1, value[0]
    assert (depth, value) == (DEPTH - 1, None)
    assert found["next"] is True


def test_pamqp_reads_with_these() -> None:
    amqp_values.tolerate()
    amqp_values.tolerate()
    message = Foreign("x", b"k\xff", b"b", b"\xfe", b"\xfd", field(b"\xfc", b"S", long(b"\xfb")))
    data = message.frames(1)
    used, _, method = pamqp.frame.unmarshal(data)
    assert isinstance(method, Basic.Publish)
    assert method.routing_key == "k�"
    header = pamqp.frame.unmarshal(data[used:])[2]
    assert isinstance(header, ContentHeader)
    properties = header.properties
    assert (properties.content_type, properties.message_id) == ("�", "�")
    assert properties.headers == {"�": "�"}
