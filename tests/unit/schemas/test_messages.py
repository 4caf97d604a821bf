"""Messages between gateway and hub."""

from __future__ import annotations

import msgspec
import pytest

from schemas import codec, limits, log, messages, topology
from schemas.errors import MalformedMessage
from schemas.presence import Position

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
    messages.Renew(collection="article", source="/test", id="t1"),
]
LIFE: list[messages.Life] = [
    messages.Connected(connection="c.1", user="fry", gateway="g", at=1, name="Fry"),
    messages.Disconnected(
        connection="c.1", user="fry", gateway="g", at=1, code=1006, cause="lost", duration_ms=5
    ),
    messages.GatewayLost(gateway="g", at=1),
]


@pytest.mark.parametrize("message", TO_SHARD, ids=lambda message: type(message).__name__)
def test_to_shard_round_trip(message: messages.ToShard) -> None:
    assert messages.read_to_shard(codec.pack(message)) == message


@pytest.mark.parametrize("message", LIFE, ids=lambda message: type(message).__name__)
def test_life_round_trip(message: messages.Life) -> None:
    assert messages.read_life(codec.pack(message)) == message


def test_a_hub_of_before_renewals_skips_and_counts_them() -> None:
    """Whatever a version knows of messages and facts, it reads the rest as unknown."""
    body = codec.pack(messages.Renew(collection="article", source="/test", id="t1"))
    before = messages.Acts | messages.Seats | messages.Watch | messages.Probe | messages.Unknown
    assert codec.read_any(body, before) == messages.Unknown(what="renew")

    class Batch(msgspec.Struct, tag_field="kind", tag="batch"):
        facts: list[log.Begun | messages.Unknown]

    renewal = log.Renewed(collection="article", events=[b"t"], done=True)
    facts: list[log.Fact] = [log.Begun(document="article.42", epoch="k4"), renewal]
    record = codec.pack(log.Batch(nonce="n", n=1, facts=facts))
    assert codec.read_any(record, Batch).facts == [facts[0], messages.Unknown(what="renewed")]


def test_an_unknown_kind_is_read_as_such() -> None:
    body = _packed({"kind": "dance", "gateway": "g", "term": 1})
    assert messages.read_to_shard(body) == messages.Unknown(what="dance")
    with pytest.raises(MalformedMessage):
        messages.read_to_shard(_packed({"kind": 3, "gateway": "g", "term": 1}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"gateway": "g" * 81},
        {"gateway": "g.1"},
        {"gateway": ""},
        {"term": -1},
        {"term": 2**64 - 1},
        {"acts": [{"kind": "leave", "connection": "c" * 41}]},
    ],
    ids=str,
)
def test_who_could_not_be_answered_is_malformed(wrong: dict[str, object]) -> None:
    acts = [{"kind": "leave", "connection": "c.1"}]
    fine = {"kind": "acts", "gateway": "g", "term": 1, "document": "a.b", "at": 0, "acts": acts}
    messages.read_to_shard(_packed(fine))
    with pytest.raises(MalformedMessage):
        messages.read_to_shard(_packed(fine | wrong))


def test_the_longest_answer_s_key_is_a_routing_key() -> None:
    key = topology.gateway_address("g" * limits.GATEWAY_BYTES, limits.INTEGER)
    assert len(key) <= limits.ROUTING_KEY_BYTES


def _packed(value: object) -> bytes:
    import msgpack

    packed: bytes = msgpack.packb(value)
    return packed


def test_a_gateway_that_no_routing_key_can_hold_is_malformed() -> None:
    body = codec.pack(messages.Probe(gateway="g" * 300, term=0))
    with pytest.raises(MalformedMessage, match="gateway"):
        messages.read_to_shard(body)
