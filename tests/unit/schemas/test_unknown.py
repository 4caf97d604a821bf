"""What only another version knows."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from schemas import codec, log, messages
from schemas.errors import MalformedMessage
from schemas.unknown import KIND_CHARS, Unknown, around


def packed(value: object) -> bytes:
    body: bytes = msgpack.packb(value)
    return body


LEAVE = {"kind": "leave", "connection": "c.1"}
ACTS = {"kind": "acts", "gateway": "g", "term": 1, "document": "a.b", "at": 0}


@pytest.mark.parametrize(
    "read",
    [
        messages.read_control,
        messages.read_to_shard,
        messages.read_life,
        messages.read_replies,
        log.read_record,
    ],
    ids=lambda read: read.__name__,
)
def test_every_reader_knows_that_it_does_not_know(read: Any) -> None:
    assert read(packed({"kind": "dance", "x": [1, {"kind": "step"}]})) == Unknown(what="dance")
    for nothing in ({"kind": 1}, {"kind": None}, {"x": 1}, [1], "dance", 3, None):
        with pytest.raises(MalformedMessage):
            read(packed(nothing))


def test_one_unknown_part_costs_the_others_nothing() -> None:
    said = messages.read_to_shard(packed({**ACTS, "acts": [LEAVE, {"kind": "wave"}, LEAVE]}))
    assert isinstance(said, messages.Acts)
    leave = messages.LeaveAct(connection="c.1")
    assert list(said.acts) == [leave, Unknown(what="wave"), leave]
    body = packed({"kind": "batch", "nonce": "n", "n": 1, "facts": [{"kind": "dreamt", "of": 1}]})
    record = log.read_record(body)
    assert record == log.Batch(nonce="n", n=1, facts=[Unknown(what="dreamt")])


def test_a_known_part_that_is_wrong_stays_wrong() -> None:
    with pytest.raises(MalformedMessage, match="connection"):
        messages.read_to_shard(packed({**ACTS, "acts": [{"kind": "wave"}, {"kind": "leave"}]}))


def test_marks_of_an_unknown_kind() -> None:
    marks = messages.Marks("event", "a.b", 1, "k", 1).headers()
    assert messages.read_marks({**marks, "w": "whisper"}) == Unknown(what="whisper")
    assert messages.read_marks({**marks, "next": 1}) == messages.read_marks(marks)
    with pytest.raises(MalformedMessage):
        messages.read_marks({**marks, "w": 5})


def test_the_name_of_an_unknown_kind_is_bounded() -> None:
    said = codec.read_any(packed({"kind": "x" * 10_000}), messages.HeardControl)
    assert said == Unknown(what="x" * KIND_CHARS)


def test_where_unknown_is_no_choice_nothing_is_changed() -> None:
    value = {"kind": "dance", "x": 1}
    assert around(value, messages.Bye) is value
    assert around(value, int) is value
    assert around([1], messages.Control) == [1]
