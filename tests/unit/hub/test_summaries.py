from hub.presence import Seat
from hub.rooms import Rooms
from hub.summaries import Summaries
from schemas import limits
from schemas.messages import Part


def rooms(*documents: str, info: bytes = b"{}") -> Rooms:
    it = Rooms()
    for document in documents:
        it.put(document, Seat("c1", "g1", "leela", "Leela", info, "reading", b"{}"))
    return it


def told(it: Summaries, there: Rooms, now: int = 0) -> list[tuple[str, Part]]:
    return list(it.parts(now, there, complete=True))


def names(part: Part) -> list[str]:
    return [document.document for document in part.documents]


def test_who_begins_to_watch_gets_the_whole() -> None:
    it, there = Summaries(), rooms("a.1", "a.2", "b.1", "a.~")
    it.watch("g1", "a")
    assert it.due(5) == 5
    [(gateway, part)] = told(it, there)
    assert (gateway, part.v, part.full, part.complete) == ("g1", 1, True, True)
    assert names(part) == ["a.1", "a.2"]
    assert it.due(5) is None


def test_changes_are_merged_per_tick_and_numbered() -> None:
    it, there = Summaries(), rooms("a.1", "a.2")
    it.watch("g1", "a")
    told(it, there)
    for document in ("a.1", "a.1", "a.3", "b.1", "a.~"):
        it.touch(document)
    due = it.due(0)
    assert due is not None
    [(_, part)] = told(it, there, now=due)
    assert (part.v, part.full, names(part)) == (2, False, ["a.1", "a.3"])
    assert (part.documents[1].reading, part.documents[1].users) == (0, [])
    it.touch("a.1")
    assert told(it, there, now=due + 1) == []
    assert it.due(0) == due + limits.TICK_MIN_MS


def test_a_gateway_that_tells_its_watches_again_learns_whether_it_missed_a_part() -> None:
    it, there = Summaries(), rooms("a.1")
    it.replace("g1", ["a", "b"], renew=False)
    assert {(part.collection, part.v, part.full) for _, part in told(it, there)} == {
        ("a", 1, True),
        ("b", 1, True),
    }
    it.replace("g1", ["a"], renew=False)
    assert [(p.collection, p.v, p.full) for _, p in told(it, there)] == [("a", 2, False)]
    it.replace("g1", ["a"], renew=True)
    assert [(p.collection, p.v, p.full) for _, p in told(it, there)] == [("a", 3, True)]
    assert list(it.watchers("b")) == []
    it.forget("g1")
    assert list(it.watchers("a")) == []
    it.touch("a.1")
    assert it.due(0) is None


def test_all_get_the_whole_when_it_is_told_anew() -> None:
    it, there = Summaries(), rooms("a.1")
    it.watch("g1", "a")
    it.watch("g2", "a")
    told(it, there)
    it.renew()
    assert [(gateway, part.v, part.full) for gateway, part in told(it, there)] == [
        ("g1", 2, True),
        ("g2", 2, True),
    ]


def test_a_whole_beyond_the_bound_says_so() -> None:
    it = Summaries()
    there = rooms(*(f"a.{n}" for n in range(limits.SUMMARY_DOCUMENTS + 1)))
    there.put("a.last", Seat("c2", "g1", "fry", "Fry", b"{}", "editing", b"{}"))
    it.watch("g1", "a")
    [(_, part)] = told(it, there)
    assert (len(part.documents), part.complete) == (limits.SUMMARY_DOCUMENTS, False)
    assert names(part)[0] == "a.last"


def test_heavy_changes_are_split() -> None:
    it = Summaries()
    documents = [f"a.{n}" for n in range(1500)]
    there = rooms(*documents, info=b'{"x":"%b"}' % (b"y" * 1000))
    it.watch("g1", "a")
    told(it, there)
    for document in documents:
        it.touch(document)
    parts = told(it, there, now=10_000)
    assert len(parts) > 2
    assert [name for _, part in parts for name in names(part)] == documents
    assert [part.v for _, part in parts] == list(range(2, 2 + len(parts)))


def test_who_comes_back_counts_on_above_what_is_still_on_its_way() -> None:
    it, there = Summaries(), rooms("a.1")
    it.watch("g1", "a")
    [(_, first)] = told(it, there)
    it.unwatch("g1", "a")
    it.watch("g1", "a")
    [(_, again)] = told(it, there)
    assert (again.full, again.v) == (True, first.v + 1)
