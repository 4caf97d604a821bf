from hub.documents import Document
from hub.renewing import PAUSE_MS, Left, Renewing, members
from schemas.ids import epoch_name


def test_one_is_ready_at_once_and_the_next_of_its_collection_after_a_pause() -> None:
    it = Renewing()
    it.ask("article", 5_000)
    assert it.due == 5_000
    assert it.ready(5_000) == ["article"]
    assert Renewing().due is None
    it.ask("article", 5_100)
    it.ask("page", 5_100)
    assert it.due == 5_100
    assert it.ready(5_100) == ["page"]
    assert it.due == 5_000 + PAUSE_MS
    assert it.ready(it.due - 1) == []
    assert it.ready(it.due) == ["article"]


def test_what_is_left_is_due_at_once_until_all_of_it_is_asked_for_again() -> None:
    it = Renewing()
    it.left["article"] = Left("k", {"article.1": None})
    assert it.due == 0
    it.ask("article", 5_000)
    assert it.left == {}
    assert it.due == 5_000


def test_when_collections_began_is_not_kept_for_longer_than_the_pause() -> None:
    it = Renewing()
    for n in range(100):
        it.ask(f"c{n}", n * PAUSE_MS)
        it.ready(n * PAUSE_MS)
        assert len(it._began) <= 2


def test_members_are_found_by_their_collection_and_lists_are_none() -> None:
    known = {name: Document(epoch_name(7)) for name in ("a.1", "a.~", "a.b.1", "ab.1", "c.1")}
    assert members(known, ["a", "a.b", "z"]) == {"a": {"a.1": 7}, "a.b": {"a.b.1": 7}, "z": {}}
