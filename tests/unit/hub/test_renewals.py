"""A collection's documents begin anew, in every shard, once for each time it is asked for."""

from __future__ import annotations

import pytest

from broker.port import Delivery, Outgoing
from hub import closing
from hub.renewals import HEEDED
from hub.renewing import PAUSE_MS
from hub.shard import Gateway, Shard, Turn
from schemas import messages, topology
from schemas.ids import DocumentId, epoch_age, epoch_name, list_of, slot_of
from schemas.log import Begun
from schemas.presence import Position
from tests.unit.hub.builders import (
    DOCUMENT,
    NEIGHBOURS,
    START,
    acts,
    ask,
    bcc,
    change,
    dead,
    frames,
    join,
    renewal,
    shard,
    turn,
)

LIST = list_of("article")
AT_LIST = slot_of(LIST)
EPOCH = epoch_name(START)


def begun(result: Turn) -> list[str]:
    return [fact.document for fact in result.facts if isinstance(fact, Begun)]


def resets(result: Turn) -> list[str]:
    return [frame["document"] for frame in frames(result, "reset")]


def told_others(result: Turn) -> list[Outgoing]:
    return [one for one in result.out if one.exchange == topology.CLIENTS]


def truncate(id: str = "t1", op: str = "t", *, redelivered: bool = False) -> Delivery:
    data = f'{{"op":"{op}","entity":"article"}}'
    return change(id, data, document=LIST, type="presently.change", redelivered=redelivered)


def at_list() -> Shard:
    """The shard of the list, with a seat at one document of the collection."""
    it = shard()
    it.slot = AT_LIST
    mine = next(
        DocumentId(f"article.{n}")
        for n in range(99)
        if slot_of(DocumentId(f"article.{n}")) == AT_LIST
    )
    turn(it, acts(join("c1", "leela"), document=mine), change("e1", document=mine))
    return it


def member(it: Shard) -> str:
    return next(name for name in it.book.documents if name != LIST)


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("presently.change", '{"op":"t","entity":"article"}'),
        ("presently.change", '{"op":"x","entity":"article"}'),
        ("presently.resync", "{}"),
    ],
)
def test_the_list_s_shard_begins_its_own_anew_and_tells_all_others(type: str, data: str) -> None:
    it = at_list()
    mine = member(it)
    result = turn(it, change("t1", data, document=LIST, type=type))
    assert begun(result) == resets(result) == [mine]
    [told] = told_others(result)
    keys = [topology.renew_key(slot) for slot in range(16) if slot != AT_LIST]
    assert [told.key, *bcc(told)] == keys
    assert told.persistent
    assert messages.read_to_shard(told.body) == messages.Renew(
        collection="article", source="/test", id="t1"
    )


def test_other_events_at_a_list_and_these_at_a_document_renew_nothing() -> None:
    it = at_list()
    plain = '{"op":"u","entity":"article","key":{"id":1}}'
    for quiet in (
        change("u", plain, document=LIST, type="presently.change"),
        change("n", document=LIST),
        change("r", "{}", document=member(it), type="presently.resync"),
    ):
        result = turn(it, quiet)
        assert len(result.facts) == 1
        assert told_others(result) == []


def test_a_redelivery_tells_the_others_again_and_begins_nothing_twice() -> None:
    """Its owner may have died between the log and the broker."""
    it = at_list()
    first = turn(it, truncate())
    again = turn(it, truncate(redelivered=True), now=START + PAUSE_MS)
    assert again.facts == []
    assert told_others(again) == told_others(first)
    repeat = turn(it, truncate(), now=START + PAUSE_MS)
    assert (repeat.facts, repeat.out) == ([], [])


def test_a_redelivery_tells_the_others_though_the_list_has_begun_anew_since() -> None:
    it = at_list()
    first = turn(it, truncate())
    it.book.apply(Begun(document=LIST, epoch=it.book.next_epoch(LIST)))
    assert told_others(turn(it, truncate(redelivered=True))) == told_others(first)


def test_another_shard_heeds_each_event_once_in_whatever_order_they_come_again() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), change("e1"))
    before = it.book.documents[DOCUMENT].epoch
    first = turn(it, renewal("article", "t1"))
    assert begun(first) == resets(first) == [DOCUMENT]
    assert epoch_age(it.book.documents[DOCUMENT].epoch) > epoch_age(before)
    assert begun(turn(it, renewal("article", "t2"), now=START + PAUSE_MS)) == [DOCUMENT]
    for id in ("t1", "t2"):
        again = turn(it, renewal("article", id, redelivered=True), now=START + 9 * PAUSE_MS)
        assert again.facts == []


def test_the_events_that_are_known_are_bounded_and_of_each_collection() -> None:
    it = shard()
    for n in range(HEEDED + 1):
        turn(it, renewal("article", f"t{n}"), now=START + n * PAUSE_MS)
    turn(it, renewal("page", "t1"))
    assert len(it.book.renewals["article"].events) == HEEDED
    assert len(it.book.renewals["page"].events) == 1
    later = START + 99 * PAUSE_MS
    assert turn(it, renewal("article", "t1"), now=later).facts == []
    assert turn(it, renewal("article", "t0"), now=later).facts != []


def test_only_documents_of_the_very_collection_begin_anew() -> None:
    it = shard()
    names = ["article.42", "article.42.7", "articles.42", "article.~"]
    for name in names:
        it.book.apply(Begun(document=name, epoch=EPOCH))
    assert begun(turn(it, renewal("article", "t1"))) == ["article.42"]
    assert begun(turn(it, renewal("article.42", "t1"))) == ["article.42.7"]
    assert begun(turn(it, renewal("nothing", "t1"))) == []


def test_no_collection_is_dead() -> None:
    it = shard()
    assert len(dead(turn(it, renewal("no collection", "t1")))) == 1


def test_who_is_seated_is_told_and_who_is_bound_and_nobody_for_the_list_s_sake() -> None:
    it = shard()
    seated, bound, idle = NEIGHBOURS
    turn(
        it,
        acts(join("c1", "leela"), document=seated),
        *(change(f"e-{name}", document=name) for name in (bound, idle)),
    )
    it.exchanges.inherit(bound, START, trusted=True)
    it.gateways["g2"] = Gateway("g2", 1)
    it.summaries.watch("g2", "article")
    result = turn(it, renewal("article", "t1"))
    assert set(begun(result)) == {seated, bound, idle}
    assert set(resets(result)) == {seated, bound}
    told = [one for one in result.out if one.headers.get("w") == "reset"]
    assert [address for one in told for address in bcc(one)] == [it.gateways["g1"].address]


def test_as_long_as_nobody_knows_who_is_where_everybody_is_told() -> None:
    it = shard(settled=False)
    it.settles_by = START + 60_000
    it.gateways["g1"] = Gateway("g1", 1)
    it.awaited = {"g1"}
    turn(it, change("e1"))
    result = turn(it, renewal("article", "t1"))
    [told] = [one for one in result.out if one.headers.get("w") == "reset"]
    assert bcc(told) == [it.gateways["g1"].address]


def test_what_comes_after_it_in_the_same_turn_is_numbered_from_1() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), change("e1"), change("e2"))
    result = turn(it, renewal("article", "t1"), change("e3"), now=START + 1)
    assert [frame["seq"] for frame in frames(result, "event")] == [1]


def test_who_comes_back_with_a_place_of_before_is_told_to_load_anew() -> None:
    it = shard()
    turn(it, acts(join("c1", "leela")), change("e1"), change("e2"))
    since = Position(it.book.documents[DOCUMENT].epoch, 1)
    result = turn(it, renewal("article", "t1"), acts(ask(3, since)))
    [answer] = [reply for reply in result.replies["g1"] if isinstance(reply, messages.Answer)]
    assert (answer.recovered, answer.seq) == (False, 0)


def test_many_in_a_row_become_two() -> None:
    it = shard()
    turn(it, change("e1"))
    results = [
        turn(it, renewal("article", f"t{seq}"), now=START + 10 * seq) for seq in range(1, 20)
    ]
    assert [begun(result) for result in results] == [[DOCUMENT], *[[]] * 18]
    assert closing.due(it) == START + 10 + PAUSE_MS
    last = turn(it, now=START + 10 + PAUSE_MS)
    assert begun(last) == [DOCUMENT]
    assert it.book.renewals["article"].done
    assert it.renewing.due is None
