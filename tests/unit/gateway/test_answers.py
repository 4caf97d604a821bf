from __future__ import annotations

import msgspec

from gateway.answers import error, say
from schemas import frames, limits
from schemas.errors import ErrorCode


def test_an_error_echoes_the_id_and_document_of_its_frame() -> None:
    frame = frames.Leave(id=7, document="article.42")
    assert msgspec.json.decode(error(frame, ErrorCode.RATE_LIMITED, "slow down", 20).frame) == {
        "type": "error",
        "id": 7,
        "document": "article.42",
        "code": "rate_limited",
        "message": "slow down",
        "temporary": True,
        "retry_in_ms": 20,
    }


def test_what_was_no_document_comes_back_cut() -> None:
    frame = frames.Leave(document="x" * 60_000)
    told = msgspec.json.decode(error(frame, ErrorCode.BAD_FRAME, "no id").frame)
    assert len(told["document"]) == limits.DOCUMENT_BYTES


def test_a_frame_that_could_not_be_read_is_answered_too() -> None:
    told = msgspec.json.decode(error(None, ErrorCode.BAD_FRAME, "no JSON").frame)
    assert told == {"type": "error", "code": "bad_frame", "message": "no JSON", "temporary": False}


def test_a_frame_is_said_as_json() -> None:
    assert say(frames.Ping()).frame == b'{"type":"ping"}'
