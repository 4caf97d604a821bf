"""Our frames, read by somebody else's decoder."""

import pamqp.frame
import pytest
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from broker import amqp_frames
from broker.port import HeaderValue, Outgoing


def decoded(data: bytes) -> list[object]:
    frames: list[object] = []
    while data:
        used, channel, frame = pamqp.frame.unmarshal(data)
        assert channel == 7
        frames.append(frame)
        data = data[used:]
    return frames


def test_a_message_with_everything() -> None:
    headers: dict[str, HeaderValue] = {
        "BCC": [":gateway.a.1", ":gateway.b.2"],
        "seq": 2**40,
        "ö": "ü",
        "full": True,
    }
    message = Outgoing("doc.é", "k.1", b"body", headers, "text/plain", "m-1", persistent=True)
    publish, header, body = decoded(amqp_frames.publish(7, message, 131072))
    assert isinstance(publish, Basic.Publish)
    assert (publish.exchange, publish.routing_key) == ("doc.é", "k.1")
    assert (publish.mandatory, publish.immediate) == (False, False)
    assert isinstance(header, ContentHeader)
    assert header.body_size == 4
    assert header.properties.headers == headers
    assert header.properties.content_type == "text/plain"
    assert header.properties.message_id == "m-1"
    assert header.properties.delivery_mode == 2
    assert isinstance(body, ContentBody)
    assert body.value == b"body"


def test_a_message_with_nothing() -> None:
    publish, header = decoded(amqp_frames.publish(7, Outgoing("", "", b"", persistent=False), 4096))
    assert isinstance(publish, Basic.Publish)
    assert isinstance(header, ContentHeader)
    assert header.body_size == 0
    assert header.properties.delivery_mode == 1
    assert header.properties.headers is None
    assert header.properties.message_id is None


@pytest.mark.parametrize("size", [4087, 4088, 4089, 8176, 10_000])
def test_a_long_body_is_cut_into_frames(size: int) -> None:
    body = bytes(n % 251 for n in range(size))
    data = amqp_frames.publish(7, Outgoing("", "q", body), 4096)
    parts = [frame.value for frame in decoded(data)[2:] if isinstance(frame, ContentBody)]
    assert b"".join(part or b"" for part in parts) == body
    assert max(len(part or b"") for part in parts) + 8 <= 4096


def test_no_limit_is_one_frame() -> None:
    assert len(decoded(amqp_frames.publish(7, Outgoing("", "q", bytes(10**6)), 0))) == 3


def test_an_ack_takes_everything_up_to_its_tag() -> None:
    (ack,) = decoded(amqp_frames.ack(7, 2**40))
    assert isinstance(ack, Basic.Ack)
    assert (ack.delivery_tag, ack.multiple) == (2**40, True)


@pytest.mark.parametrize(
    "message",
    [
        Outgoing("", "k" * 256, b""),
        Outgoing("é" * 128, "", b""),
        Outgoing("", "", b"", message_id="m" * 256),
        Outgoing("", "", b"", {"n": 2**64}),
    ],
)
def test_what_does_not_fit_is_refused(message: Outgoing) -> None:
    with pytest.raises(ValueError, match=r"AMQP (takes|cannot)"):
        amqp_frames.publish(7, message, 4096)
