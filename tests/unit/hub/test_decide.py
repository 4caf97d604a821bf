import msgpack
import pytest

from hub import acts as acts_file, decide
from hub.exchanges import Outcome
from hub.shard import Carried, Gone, Heard, Turn
from schemas import topology
from schemas.log import Exchanged
from schemas.messages import Acts
from tests.support.next_version import packed
from tests.unit.hub.builders import (
    DOCUMENT,
    SLOT,
    START,
    acts,
    change,
    dead,
    delivery,
    frames,
    join,
    shard,
    turn,
)


def test_an_event_is_numbered_and_published() -> None:
    it = shard()
    result = turn(it, change("e1"), change("e2"))
    assert [(f["seq"], f["event"]["id"]) for f in frames(result, "event")] == [(1, "e1"), (2, "e2")]
    assert len(result.facts) == 2
    assert result.dead == []


def test_a_wrong_slot_goes_through_intake() -> None:
    result = turn(shard(), change("e1", document="article.7"))
    [sent] = result.out
    assert (sent.exchange, result.facts) == (topology.INTAKE, [])


@pytest.mark.parametrize(
    ("exchange", "body"),
    [
        (topology.IN, b"\xff"),
        (topology.IN, b"[]"),
        (topology.CLIENTS, b"\xc1"),
        (topology.CLIENTS, b"\x80"),
        ("elsewhere", b""),
    ],
)
def test_what_is_no_message_is_dead(exchange: str, body: bytes) -> None:
    result = turn(shard(), delivery(exchange, "some.key", body))
    [letter] = dead(result)
    assert (letter.key, letter.body) == (topology.shard_queue(SLOT), body)
    assert (letter.headers["from"], letter.headers["key"]) == (exchange, "some.key")
    assert letter.headers["reason"]


def test_acts_at_another_shards_document_are_dead() -> None:
    result = turn(shard(), acts(join("c1", "leela"), document="article.7"))
    assert "not of slot" in result.dead[0]


def test_a_probe_changes_nothing() -> None:
    from schemas import codec
    from schemas.messages import Probe

    body = codec.pack(Probe(gateway="w", term=0))
    result = turn(shard(), delivery(topology.CLIENTS, topology.probe_key(SLOT), body))
    assert (result.out, result.facts) == ([], [])


def test_an_exchange_is_written_down_once_it_was_made_and_before_it_ends() -> None:
    it = shard()
    result = turn(it, acts(join("c1", "leela")))
    [order] = result.orders
    assert order.open
    generation = it.book.generation
    late = Turn(it, START)
    decide.notice(late, Carried(DOCUMENT, Outcome.OPENED, generation - 1))
    assert late.facts == []
    made = Turn(it, START)
    decide.notice(made, Carried(DOCUMENT, Outcome.OPENED, generation))
    assert made.facts == [Exchanged(document=DOCUMENT, on=True)]
    [sent] = [one for one in turn(it, change("e1")).out if "event" in one.key]
    assert sent.exchange == topology.document_exchange(DOCUMENT)


def test_notices_of_gateways_reach_the_shard() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")))
    gone = Turn(it, START + 1000)
    decide.notice(gone, Gone("g1"))
    assert it.gateways["g1"].lost
    back = Turn(it, START + 1000)
    decide.notice(back, Heard("g1"))
    assert [one.exchange for one in back.out] == [topology.CONTROL]
    assert acts_file.hear(back, "g1", 0) is None


def test_what_only_another_version_knows_is_skipped_and_counted() -> None:
    it = shard()
    news = delivery(topology.CLIENTS, "some.key", msgpack.packb({"kind": "news", "gateway": "g1"}))
    message = Acts(gateway="g1", term=1, document=DOCUMENT, at=0, acts=[join("c1", "fry")])
    both = delivery(topology.CLIENTS, "some.key", packed(message))
    result = turn(it, news, both)
    assert (result.unknown, dead(result)) == (2, [])
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert set(room.seats) == {"c1"}
