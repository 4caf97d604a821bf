"""Whatever bytes arrive, the codec gives a message or its one error."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgpack
from hypothesis import given, strategies as st

from schemas import codec, frames, log, messages
from schemas.errors import InvalidDocument, InvalidEvent, MalformedMessage
from schemas.events import MSGPACK_TYPE, parse_event
from schemas.ids import document_id, parse_document, routing_key, slot_of
from schemas.rights import matches

_leaves = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary()
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_kinds = st.sampled_from(
    ["acts", "seats", "watch", "probe", "hub", "gateway", "claim", "batch", "state", "replies"]
)
_near_misses = st.dictionaries(
    st.sampled_from(["gateway", "term", "document", "at", "acts", "slot", "nonce", "facts", "n"]),
    _values,
).flatmap(lambda fields: _kinds.map(lambda kind: fields | {"kind": kind}))
_bodies = st.binary() | _values.map(msgpack.packb) | _near_misses.map(msgpack.packb)


@given(_bodies)
def test_bus_bodies(body: bytes) -> None:
    for read in (
        messages.read_to_shard,
        messages.read_control,
        messages.read_life,
        log.read_record,
        lambda body: codec.read(body, messages.Replies),
    ):
        with contextlib.suppress(MalformedMessage):
            read(body)


@given(st.binary() | st.text().map(str.encode) | _values.map(msgpack.packb))
def test_events(body: bytes) -> None:
    for content_type in ("", MSGPACK_TYPE):
        with contextlib.suppress(InvalidEvent):
            event = parse_event(body, content_type)
            assert json.loads(event.json)["id"] == event.id


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_frame = st.dictionaries(
    st.sampled_from(["id", "document", "mode", "state", "since", "keys", "event", "token"]), _json
).flatmap(
    lambda fields: st.sampled_from(["hello", "join", "update", "send", "sync", "pong", "x"]).map(
        lambda kind: fields | {"type": kind}
    )
)


@given(st.text() | _json.map(json.dumps) | _frame.map(json.dumps))
def test_frames(text: str) -> None:
    with contextlib.suppress(frames.BadFrame):
        frames.read_frame(text)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=5))
def test_any_words_make_a_document_that_reads_back(words: list[str]) -> None:
    with contextlib.suppress(InvalidDocument):
        document = document_id(*words)
        assert parse_document(document) == document
        assert routing_key(document) == f":{slot_of(document):02d}.{document}"
        assert 0 <= slot_of(document) < 16


def _reference(pattern: list[str], words: list[str]) -> bool:
    """Topic matching as the words of AMQP's specification have it."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_reference(pattern[1:], words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _reference(pattern[1:], words[1:])


_word: st.SearchStrategy[Any] = st.sampled_from(["a", "b"])


@given(
    st.lists(st.sampled_from(["a", "b", "*", "#"]), min_size=1, max_size=6),
    st.lists(_word, min_size=1, max_size=6),
)
def test_rights_match_as_the_plain_rule_does(pattern: list[str], words: list[str]) -> None:
    assert matches(pattern, words) == _reference(pattern, words)
