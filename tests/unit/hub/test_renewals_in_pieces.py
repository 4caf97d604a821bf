"""Very many documents begin anew in pieces; the log says how far they are."""

from __future__ import annotations

from hub import closing, publications
from hub.documents import Document
from hub.fold import Book, Budget
from hub.renewals import AT_ONCE
from hub.renewing import PAUSE_MS
from hub.settings import HubSettings
from hub.shard import Shard, Turn
from schemas.ids import DocumentId, epoch_name, slot_of
from schemas.log import Begun, Claim, Record, Renewed, State
from tests.unit.hub.builders import (
    DOCUMENT,
    SLOT,
    START,
    acts,
    change,
    frames,
    join,
    renewal,
    shard,
    turn,
)

EPOCH = epoch_name(START)


def begun(result: Turn) -> list[str]:
    return [fact.document for fact in result.facts if isinstance(fact, Begun)]


def resets(result: Turn) -> list[str]:
    return [frame["document"] for frame in frames(result, "reset")]


def full(count: int) -> Shard:
    """A shard with very many documents of one collection, somebody at the last."""
    it = shard()
    for number in range(count):
        it.book.documents[f"page.{number}"] = Document(EPOCH, 1)
    it.slot = slot_of(DocumentId(f"page.{count - 1}"))
    turn(it, acts(join("c1", "leela"), document=f"page.{count - 1}"))
    return it


def successor(records: list[Record]) -> Shard:
    book = Book(Budget())
    for record in [*records, Claim(worker="next", nonce="next", at=START + 60_000)]:
        book.fold(record)
    it = Shard(SLOT, book, HubSettings())
    it.settled = it.leases_checked = True
    closing.begin(Turn(it, START + 60_000), awaited={}, settle_ms=0, answers_ms=0, trusted=True)
    return it


def test_very_many_begin_anew_in_pieces_and_the_log_says_how_far_they_are() -> None:
    it = full(3 * AT_ONCE)
    seated = f"page.{3 * AT_ONCE - 1}"
    first = turn(it, renewal("page", "t1", slot=it.slot))
    done = begun(first)
    assert len(done) <= 2 * AT_ONCE
    assert closing.due(it) == 0, "the rest is due at once"
    assert [f.done for f in first.facts if isinstance(f, Renewed)] == [False, False]
    told = resets(first)
    while it.renewing.due is not None:
        result = turn(it, now=START + 1)
        assert len(begun(result)) <= AT_ONCE
        done += begun(result)
        told += resets(result)
    assert sorted(done) == sorted({f"page.{n}" for n in range(3 * AT_ONCE)})
    assert told == [seated]
    assert it.book.renewals["page"].done


def test_an_event_or_a_join_at_one_that_waits_for_its_piece_begins_it_first() -> None:
    it = full(3 * AT_ONCE)
    turn(it, renewal("page", "t1", slot=it.slot))
    left = list(it.renewing.left["page"].names)
    mine = [name for name in left if slot_of(DocumentId(name)) == it.slot]
    result = turn(it, change("e1", document=mine[0]), acts(join("c2", "fry"), document=mine[1]))
    assert begun(result)[:2] == mine[:2]
    assert it.book.documents[mine[0]].seq == 1
    rest = turn(it)
    assert not {*mine[:2]} & {*begun(rest)}


def test_one_asked_for_in_the_middle_of_another_begins_all_of_them_once_more() -> None:
    it = full(3 * AT_ONCE)
    done = begun(turn(it, renewal("page", "t1", slot=it.slot)))
    assert turn(it, renewal("page", "t2", slot=it.slot), now=START + 1).facts
    now = START + PAUSE_MS
    again: list[str] = []
    while it.renewing.due is not None:
        again += begun(turn(it, now=now))
    assert len(again) == len({*again}) == 3 * AT_ONCE
    assert {*done} < {*again}


def test_a_successor_does_the_rest_and_nothing_twice() -> None:
    it = full(3 * AT_ONCE)
    before: list[Record] = [Claim(worker="w", nonce="mine", at=START), it.book.state()]
    result = turn(it, renewal("page", "t1", slot=it.slot))
    records = [*before, *publications.batches(result.facts, "mine", 1)]
    for known in (records, [*records, it.book.state()]):
        heir = successor(known)
        more: list[str] = []
        while heir.renewing.due is not None:
            more += begun(turn(heir, now=START + 60_000))
        assert not {*more} & {*begun(result)}
        assert len(more) + len(begun(result)) == 3 * AT_ONCE
        again = turn(heir, renewal("page", "t1", redelivered=True), now=START + 70_000)
        assert again.facts == []


def test_a_successor_does_what_was_asked_for_and_not_begun() -> None:
    asked = Renewed(collection="article", events=[b"t"])
    it = shard()
    turn(it, change("e1"))
    it.book.apply(asked)
    state = it.book.state()
    assert isinstance(state, State)
    heir = successor([Claim(worker="w", nonce="mine", at=START), state])
    assert heir.renewing.due is not None
    assert begun(turn(heir, now=START + 60_000)) == [DOCUMENT]
    assert heir.book.renewals["article"].done


def test_one_that_has_been_forgotten_meanwhile_is_no_mistake() -> None:
    it = full(2 * AT_ONCE + 2)
    turn(it, renewal("page", "t1", slot=it.slot))
    for name in tuple(it.renewing.left["page"].names):
        del it.book.documents[name]
    assert begun(turn(it)) == []
    assert it.book.renewals["page"].done
