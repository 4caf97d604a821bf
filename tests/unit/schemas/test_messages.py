"""Messages between gateway and hub."""

from __future__ import annotations

import msgspec
import pytest

from schemas import codec, messages
from schemas.errors import MalformedMessage
from schemas.presence import Lease, Position

JOIN = messages.JoinAct(
    connection="c.1", user="fry", name="Fry", info=b"{}", mode="reading", state=b"{}"
)
SEAT = messages.Seat(
    document="article.42",
    connection="c.1",
    user="fry",
    name="Fry",
    info=b"{}",
    mode="editing",
    state=b'{"field":"title"}',
)
TO_SHARD: list[messages.ToShard] = [
    messages.Acts(
        gateway="g",
        term=1,
        document="article.42",
        at=5,
        acts=[
            JOIN,
            messages.UpdateAct(connection="c.1", mode="editing", lease=True, request=7),
            messages.SendAct(connection="c.1", event=b"{}", request=8),
            messages.AwayAct(connection="c.1"),
            messages.LeaveAct(connection="c.1", cause="lost"),
            messages.AskAct(connection="", ask=3, since=Position("k3", 118)),
        ],
    ),
    messages.Seats(
        gateway="g",
        term=2,
        slot=3,
        at=5,
        places=[messages.Place("article.42", "k3", 9)],
        seats=[SEAT],
        collections=["article"],
    ),
    messages.Watch(gateway="g", term=2, collection="article", on=True),
    messages.Probe(gateway="w", term=0),
]
CONTROL: list[messages.Control] = [
    messages.HubBeat(worker="w", at=1, shards={"3": 17}),
    messages.GatewayBeat(gateway="g", term=1, at=1, connections=4),
    messages.RelayBeat(relay="r", at=1, active=True, backlog=0, lag_ms=0),
    messages.Bye(who="g", at=1),
    messages.SeatsWanted(slot=3, generation=17),
    messages.Succeeded(previous="c.1", user="fry", connection="c.2"),
]
LIFE: list[messages.Life] = [
    messages.Connected(connection="c.1", user="fry", gateway="g", at=1, name="Fry"),
    messages.Disconnected(
        connection="c.1", user="fry", gateway="g", at=1, code=1006, cause="lost", duration_ms=5
    ),
    messages.GatewayLost(gateway="g", at=1),
]
NOW = messages.PresenceNow(
    v=1, users=[], reading=0, editing=0, complete=True, lease=Lease("fry", 3)
)


@pytest.mark.parametrize("message", TO_SHARD, ids=lambda message: type(message).__name__)
def test_to_shard_round_trip(message: messages.ToShard) -> None:
    assert messages.read_to_shard(codec.pack(message)) == message


@pytest.mark.parametrize("message", CONTROL, ids=lambda message: type(message).__name__)
def test_control_round_trip(message: messages.Control) -> None:
    assert messages.read_control(codec.pack(message)) == message


@pytest.mark.parametrize("message", LIFE, ids=lambda message: type(message).__name__)
def test_life_round_trip(message: messages.Life) -> None:
    assert messages.read_life(codec.pack(message)) == message


def test_replies_round_trip() -> None:
    replies = messages.Replies(
        slot=3,
        generation=17,
        replies=[
            messages.Answer(
                ask=3,
                document="article.42",
                epoch="k3",
                seq=9,
                since=8,
                recovered=True,
                events=[b"{}"],
                presence=NOW,
            ),
            messages.Done(request=7, document="article.42", fence=3),
            messages.Refused(request=8, document="article.42", code="locked", message="no"),
            messages.LeaseLost(document="article.42", connection="c.1", reason="expired"),
            messages.Part(collection="article", v=1, full=True, complete=True, documents=[]),
        ],
    )
    assert codec.read(codec.pack(replies), messages.Replies) == replies


def test_a_neighbouring_versions_new_fields_are_ignored() -> None:
    body = msgspec.to_builtins(CONTROL[3]) | {"since_version": 9}
    assert messages.read_control(_packed(body)) == CONTROL[3]


def test_an_unknown_kind_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        messages.read_to_shard(_packed({"kind": "dance", "gateway": "g", "term": 1}))


def test_marks_tell_a_document_message_apart_without_its_body() -> None:
    marks = messages.Marks("presence", "article.42", 17, "k3", 9, 4)
    assert messages.read_marks(marks.headers()) == marks


@pytest.mark.parametrize("missing", ["w", "d", "g", "e", "s", "v"])
def test_marks_are_all_or_nothing(missing: str) -> None:
    headers = messages.Marks("event", "article.42", 17, "k3", 9).headers()
    del headers[missing]
    with pytest.raises(MalformedMessage):
        messages.read_marks(headers)


def _packed(value: object) -> bytes:
    import msgpack

    packed: bytes = msgpack.packb(value)
    return packed
