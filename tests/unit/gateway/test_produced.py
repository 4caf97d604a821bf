"""What is kept of the types that were seen, and that it is bounded."""

from __future__ import annotations

from gateway.produced import COLLECTIONS_MOST, TYPES_MOST, Produced
from schemas.log import Hint


def hint(type: str, document: str = "article.1", *, at: int = 5, kind: str = "event") -> Hint:
    return Hint(kind=kind, type=type, document=document, at=at)


def test_types_are_counted_with_a_document_of_each_collection_and_the_last_time() -> None:
    found = Produced(records=4)
    for document, at in (("article.1", 7), ("article.2", 9), ("acme.page.1", 8)):
        found.add(hint("b.said", document, at=at))
    found.add(hint("a.said"))
    assert found.plain() == {
        "records": 4,
        "complete": True,
        "types": [
            {"type": "a.said", "count": 1, "last_at": 5, "documents": ["article.1"]},
            {"type": "b.said", "count": 3, "last_at": 9, "documents": ["acme.page.1", "article.2"]},
        ],
    }


def test_other_facts_and_what_is_no_document_count_for_nothing() -> None:
    found = Produced()
    found.add(hint("x.y", kind="granted"))
    found.add(hint("", kind="event"))
    assert found.types == {}
    found.add(hint("x.y", "no document"))
    assert found.types["x.y"].documents == {}


def test_types_are_bounded_and_it_says_so() -> None:
    found = Produced()
    for n in range(TYPES_MOST + 1):
        found.add(hint(f"t.{n}"))
    assert (len(found.types), found.complete) == (TYPES_MOST, False)
    found.add(hint("t.0"))
    assert found.types["t.0"].count == 2


def test_collections_of_a_type_are_bounded_and_it_says_so() -> None:
    found = Produced()
    for n in range(COLLECTIONS_MOST):
        found.add(hint("t.t", f"c{n}.1"))
    found.add(hint("t.t", "c0.2"))
    assert found.complete
    found.add(hint("t.t", "another.1"))
    assert (len(found.types["t.t"].documents), found.complete) == (COLLECTIONS_MOST, False)
