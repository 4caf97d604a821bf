"""Frames from browsers, held to the golden ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas import client_frames, limits
from schemas.errors import ErrorCode
from tests.unit.schemas.golden import golden

GOLDEN = golden("frames")


@pytest.mark.parametrize("frame", GOLDEN["client"], ids=lambda frame: frame["type"])
def test_every_client_frame_is_read(frame: dict[str, Any]) -> None:
    read = client_frames.read_frame(json.dumps(frame))
    assert type(read).__name__.lower() == frame["type"]
    assert read.id == frame.get("id")


@pytest.mark.parametrize("case", GOLDEN["refused"], ids=lambda case: case["text"][:40])
def test_what_is_no_frame_gets_its_code_and_keeps_its_id(case: dict[str, Any]) -> None:
    with pytest.raises(client_frames.BadFrame) as caught:
        client_frames.read_frame(case["text"])
    assert caught.value.code == case["code"]
    assert caught.value.id == case.get("id")


def test_an_oversize_frame_is_too_big() -> None:
    with pytest.raises(client_frames.BadFrame) as caught:
        client_frames.read_frame(" " * (limits.FRAME_BYTES + 1))
    assert caught.value.code is ErrorCode.TOO_BIG


def test_a_nest_of_brackets_is_a_bad_frame() -> None:
    text = '{"type":"update","document":"a.b","state":' + "[" * 60_000
    with pytest.raises(client_frames.BadFrame) as caught:
        client_frames.read_frame(text)
    assert caught.value.code is ErrorCode.BAD_FRAME


@pytest.mark.parametrize("field", ["state", "other", "document"])
def test_a_binary_frame_that_is_not_utf_8_is_a_bad_frame(field: str) -> None:
    sent = b'{"type":"join","document":"article.42","%b":{"x":"\xff\xfe"}}' % field.encode()
    with pytest.raises(client_frames.BadFrame) as caught:
        client_frames.read_frame(sent)
    assert caught.value.code is ErrorCode.BAD_FRAME


def test_the_keys_of_a_join_are_bounded() -> None:
    keys = [f'"{n}"' for n in range(limits.KEYS_PER_JOIN + 1)]
    frame = '{"type":"join","document":"article.~","keys":[%s]}'
    client_frames.read_frame(frame % ",".join(keys[1:]))
    with pytest.raises(client_frames.BadFrame):
        client_frames.read_frame(frame % ",".join(keys))
