"""Frames of the browser protocol, held to the golden ones."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from schemas import frames
from schemas.errors import ErrorCode
from schemas.presence import Counts, Lease, Presence, Summary, User
from tests.unit.schemas.golden import golden

GOLDEN = golden("frames")
_GATEWAY: msgspec.json.Decoder[frames.GatewayFrame] = msgspec.json.Decoder(frames.GatewayFrame)
LEELA = User("leela", "Leela", msgspec.Raw(b'{"hair":"purple"}'), "editing", msgspec.Raw(b"{}"))


@pytest.mark.parametrize("frame", GOLDEN["gateway"], ids=lambda frame: frame["type"])
def test_every_gateway_frame_reads_and_writes_the_same(frame: dict[str, Any]) -> None:
    read = _GATEWAY.decode(json.dumps(frame))
    assert json.loads(frames.write_frame(read)) == frame


def test_every_type_has_a_golden_frame() -> None:
    ours = {kind.__struct_config__.tag for kind in frames.ClientFrame.__args__}
    theirs = {kind.__struct_config__.tag for kind in frames.GatewayFrame.__args__}
    assert {frame["type"] for frame in GOLDEN["client"]} == ours
    assert {frame["type"] for frame in GOLDEN["gateway"]} == theirs


def test_an_event_frame_holds_the_events_own_bytes() -> None:
    event = b'{"specversion":"1.0", "id":"1"}'
    assert frames.event_frame("article.42", 7, event) == (
        b'{"type":"event","document":"article.42","seq":7,"event":' + event + b"}"
    )
    assert b"seq" not in frames.event_frame("article.42", None, event)


def test_presence_and_summary_lie_flat_in_their_frames() -> None:
    presence = Presence(3, True, [LEELA], [], Counts(0, 1), True, Lease("leela", 9))
    frame = _GATEWAY.decode(frames.presence_frame("article.42", presence))
    assert isinstance(frame, frames.PresenceFrame)
    assert (frame.document, frame.v, frame.full, frame.left) == ("article.42", 3, True, [])
    assert frame.users[0].id == "leela"
    assert frame.lease == Lease("leela", 9)

    summary = frames.summary_frame("article.~", Summary(1, True, True, []))
    assert isinstance(_GATEWAY.decode(summary), frames.SummaryFrame)


def test_temporary_follows_from_the_code() -> None:
    assert frames.error(ErrorCode.TIMEOUT, "no answer").temporary
    assert not frames.error(ErrorCode.LOCKED, "taken").temporary
