from hub import numbering
from hub.shard import Turn
from schemas import topology
from schemas.log import Claim, Numbered
from tests.unit.hub.builders import (
    DOCUMENT,
    NEIGHBOURS,
    START,
    change,
    dead,
    event,
    frames,
    shard,
    turn,
)


def test_a_repeat_keeps_its_number_and_is_not_told_again() -> None:
    it = shard()
    turn(it, change("e1"), change("e2"))
    again = turn(it, change("e1"))
    assert (again.facts, again.out) == ([], [])
    assert [f["seq"] for f in frames(turn(it, change("e3")), "event")] == [3]


def test_a_redelivered_one_may_not_have_been_told() -> None:
    it = shard()
    turn(it, change("e1"))
    again = turn(it, change("e1", redelivered=True))
    assert again.facts == []
    assert [f["seq"] for f in frames(again, "event")] == [1]


def test_another_body_under_the_same_id_is_dead() -> None:
    it = shard()
    turn(it, change("e1"))
    other = turn(it, change("e1", '{"x":2}'))
    assert other.facts == []
    assert "same id" in str(dead(other)[0].headers["reason"])


def test_a_repeat_from_before_a_new_epoch_has_no_number() -> None:
    it = shard()
    turn(it, change("e1"))
    anew = Turn(it, START)
    numbering.begin(anew, DOCUMENT)
    assert frames(anew, "reset") == [
        {
            "type": "reset",
            "document": DOCUMENT,
            "epoch": it.book.documents[DOCUMENT].epoch,
            "seq": 0,
        }
    ]
    again = turn(it, change("e1", redelivered=True))
    assert (again.facts, again.out) == ([], [])


def test_a_successor_goes_on_in_the_same_epoch() -> None:
    it = shard()
    turn(it, change("e1"))
    epoch = it.book.documents[DOCUMENT].epoch
    it.book.fold(Claim(worker="x", nonce="next", at=START + 5000))
    result = turn(it, change("e2"))
    assert (it.book.documents[DOCUMENT].epoch, it.book.documents[DOCUMENT].seq) == (epoch, 2)
    assert [one.headers["g"] for one in result.out] == [START + 5000]


def test_the_bytes_of_an_event_travel_untouched() -> None:
    body = event("e1", '{ "x" : 1.50 }')
    [sent] = turn(shard(), change("e1", '{ "x" : 1.50 }')).out
    assert body in sent.body
    assert sent.key == topology.event_key(DOCUMENT, "note")


def test_one_id_at_two_documents_of_a_shard_is_two_events() -> None:
    """One row that concerns two documents; each of them has it, and a repeat of either is known."""
    it = shard()
    both = [change("e1", document=document) for document in NEIGHBOURS[:2]]
    facts = turn(it, *both, *both).facts
    assert [(fact.document, fact.seq) for fact in facts if isinstance(fact, Numbered)] == [
        (document, 1) for document in NEIGHBOURS[:2]
    ]
