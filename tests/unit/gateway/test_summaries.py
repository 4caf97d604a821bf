from __future__ import annotations

import msgspec
import pytest

from gateway import summaries as module
from gateway.summaries import SUMMARY_BYTES, Collection
from schemas import frames, limits
from schemas.ids import SLOTS
from schemas.messages import DocumentNow, Part, UserNow
from tests.unit.gateway.making import DOC, LIST, NOW, user


def now(key: str, *users: str, editing: int = 0) -> DocumentNow:
    return DocumentNow(f"article.{key}", [user(u) for u in users], len(users) - editing, editing)


def part(v: int, *documents: DocumentNow, full: bool = False, complete: bool = True) -> Part:
    return Part(collection="article", v=v, full=full, complete=complete, documents=list(documents))


def watched(*documents: DocumentNow) -> Collection[str]:
    """All sixteen parts known; slot 0 has these."""
    collection: Collection[str] = Collection("article", NOW)
    for slot in range(SLOTS):
        assert collection.take(slot, 1, part(1, *(documents if slot == 0 else ()), full=True))
    collection.tell()
    return collection


def keys(collection: Collection[str]) -> list[str]:
    return [now.document for now in collection.whole()[0]]


def test_it_is_complete_with_sixteen_parts() -> None:
    collection: Collection[str] = Collection("article", NOW)
    for slot in range(SLOTS):
        assert not collection.complete
        collection.take(slot, 1, part(1, now(str(slot), "leela"), full=True))
    assert collection.complete
    documents, complete = collection.whole()
    assert len(documents) == 16
    assert complete


def test_a_part_that_is_not_complete_makes_none_complete() -> None:
    collection = watched()
    collection.take(3, 1, part(2, complete=False))
    assert not collection.complete


def test_changes_follow_one_another() -> None:
    collection = watched(now("1", "leela"))
    assert collection.take(0, 1, part(2, now("2", "fry")))
    assert collection.take(0, 1, part(3, now("1")))
    assert keys(collection) == ["article.2"]


def test_a_gap_is_noticed_and_healed_by_the_whole() -> None:
    collection = watched(now("1", "leela"))
    assert not collection.take(0, 1, part(3, now("2", "fry")))
    assert keys(collection) == ["article.1"]
    assert collection.take(0, 1, part(3, now("2", "fry"), full=True))
    assert keys(collection) == ["article.2"]
    assert collection.take(0, 1, part(4, now("3", "fry")))


def test_repeats_and_older_ones_are_dropped() -> None:
    collection = watched(now("1", "leela"))
    assert collection.take(0, 1, part(1, now("2", "fry")))
    assert collection.take(0, 0, part(9, now("2", "fry"), full=True))
    assert keys(collection) == ["article.1"]


def test_a_new_generation_begins_with_the_whole() -> None:
    collection = watched(now("1", "leela"))
    assert not collection.take(0, 2, part(2, now("2", "fry")))
    assert collection.take(0, 2, part(1, now("2", "fry"), full=True))
    assert keys(collection) == ["article.2"]


def test_what_changed_in_a_turn_is_told_once_and_a_free_document_with_noughts() -> None:
    collection = watched(now("1", "leela"))
    collection.seat("me", None)
    collection.take(0, 1, part(2, now("1")))
    collection.take(1, 1, part(2, now("2", "fry", editing=1)))
    (told,) = collection.tell()
    assert (told.to, told.whole_of) == (["me"], LIST)
    frame = msgspec.json.decode(told.frame)
    assert (frame["type"], frame["document"], frame["v"], frame["full"]) == (
        "summary",
        LIST,
        1,
        False,
    )
    counts = {said["document"]: said["counts"] for said in frame["documents"]}
    assert counts == {
        "article.1": {"reading": 0, "editing": 0},
        "article.2": {"reading": 0, "editing": 1},
    }
    assert collection.tell() == []


def test_what_stayed_as_it_was_is_not_told_again() -> None:
    collection = watched(now("1", "leela"))
    collection.seat("me", None)
    collection.take(0, 2, part(1, now("1", "leela"), full=True))
    assert collection.tell() == []


def test_who_asked_for_keys_sees_those_only_and_counts_them() -> None:
    collection = watched(now("1", "leela"), now("2", "leela"))
    collection.seat("all", None)
    collection.seat("one", frozenset({"1"}))
    assert [d.document for d in collection.summary("one").documents] == ["article.1"]
    collection.take(0, 1, part(2, now("2", "fry")))
    collection.tell()
    collection.take(0, 1, part(3, now("1", "fry")))
    told = {
        peer: msgspec.json.decode(deliver.frame)["v"]
        for deliver in collection.tell()
        for peer in deliver.to
    }
    assert told == {"all": 2, "one": 1}
    assert collection.summary("one").v == 1


def test_becoming_complete_is_told() -> None:
    collection: Collection[str] = Collection("article", NOW)
    collection.seat("me", None)
    for slot in range(SLOTS):
        assert collection.tell() == []
        collection.take(slot, 1, part(1, full=True))
    (told,) = collection.tell()
    assert msgspec.json.decode(told.frame)["complete"] is True


def test_events_of_a_member_are_for_those_who_want_its_key() -> None:
    collection = watched()
    collection.seat("all", None)
    collection.seat("one", frozenset({"41"}))
    collection.seat("other", frozenset({"42", "43"}))
    assert collection.readers(DOC, ()) == ["all", "other"]
    assert collection.readers(DOC, {"all"}) == ["other"]
    collection.unseat("all")
    collection.unseat("nobody")
    assert collection.readers(DOC, ()) == ["other"]


def test_a_socket_may_change_its_keys() -> None:
    collection = watched()
    collection.seat("me", None)
    collection.seat("me", frozenset({"1"}))
    assert collection.readers(DOC, ()) == []
    assert collection.summary("me").documents == []


def test_the_whole_is_bounded() -> None:
    most = limits.SUMMARY_DOCUMENTS
    collection = watched(*(now(str(n), "leela") for n in range(most + 1)))
    documents, complete = collection.whole()
    assert len(documents) == most
    assert not complete
    assert collection.whole(frozenset({"7"}))[1]


def heavy(first: int, last: int, state: bytes = b"{}") -> list[DocumentNow]:
    """Members with five users who show all they may."""
    info = b'{"a":"%s"}' % (b"x" * (limits.INFO_BYTES - 8))
    users = [UserNow(f"u{n}", f"User {n}", info, "reading", state) for n in range(5)]
    return [DocumentNow(f"article.{n}", users, 5, 0) for n in range(first, last)]


def test_no_frame_is_more_than_a_socket_takes() -> None:
    collection = watched(*heavy(0, 200))
    documents, complete = collection.whole()
    assert not complete
    assert 0 < len(documents) < 200
    collection.seat("leela", None)
    whole = frames.summary_frame(LIST, collection.summary("leela"))
    assert SUMMARY_BYTES * 3 // 4 < len(whole) < SUMMARY_BYTES
    collection.take(0, 1, part(2, *heavy(0, 200, b'{"x":1}')))
    (told,) = collection.tell()
    assert len(told.frame) < SUMMARY_BYTES
    frame = msgspec.json.decode(told.frame)
    assert (frame["full"], frame["complete"], len(frame["documents"])) == (
        True,
        False,
        len(collection.whole()[0]),
    )
    collection.take(0, 1, part(3, *heavy(0, 3)))
    (told,) = collection.tell()
    frame = msgspec.json.decode(told.frame)
    assert (frame["full"], len(frame["documents"])) == (False, 3)


def test_of_more_than_it_keeps_it_knows_that_there_are_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    collection = watched(now("1", "leela"), now("2", "fry"), now("3", "amy"))
    assert (keys(collection), collection.complete) == (["article.1", "article.2"], False)
    collection.take(0, 1, part(2, now("1")))
    assert collection.take(0, 1, part(3, now("2", "leela")))
    assert (keys(collection), collection.complete) == (["article.2"], False)
    collection.take(0, 1, part(4, now("2", "fry"), now("3", "amy"), full=True))
    assert (keys(collection), collection.complete) == (["article.2", "article.3"], True)
