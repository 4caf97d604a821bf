"""Which produced types have a listener, by what front-ends export."""

from __future__ import annotations

import json

import pytest

from presently_server import handled
from presently_server.handled import Type


def read(*values: object) -> handled.Handled:
    return handled.read(json.dumps(value) for value in values)


def unhandled(listened: handled.Handled, *produced: Type) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.type, where) for one, where in handled.judge(listened, produced).unhandled]


def test_a_type_in_a_list_is_handled_everywhere() -> None:
    listened = read(["comment.added"])
    seen = Type("comment.added", 2, ("article.1", "acme.page.2"))
    assert unhandled(listened, seen) == []
    assert unhandled(listened, Type("comment.deleted", 1, ("article.1",))) == [
        ("comment.deleted", ("article.1",))
    ]


def test_with_patterns_it_is_handled_at_these_documents_only() -> None:
    listened = read({"comment.added": ["article.*", "acme.#"]})
    seen = Type("comment.added", 3, ("article.1", "acme.page.2", "page.1"))
    assert unhandled(listened, seen) == [("comment.added", ("page.1",))]


def test_front_ends_handle_together() -> None:
    listened = read(["a.b"], {"c.d": ["article.*"]}, {"c.d": ["page.*"]})
    assert unhandled(listened, Type("a.b"), Type("c.d", 1, ("page.1", "article.1"))) == []


def test_a_listener_for_event_hears_everything() -> None:
    assert unhandled(read(["*"]), Type("x.y", 1, ("a.b",)), Type("z")) == []
    everywhere_but = read({"*": ["article.*"]})
    assert unhandled(everywhere_but, Type("x.y", 1, ("page.1",))) == [("x.y", ("page.1",))]


def test_what_the_client_answers_itself_needs_no_listener() -> None:
    assert unhandled(read([]), Type("presently.resync", 1, ("article.~",))) == []


def test_a_type_without_a_known_document_is_handled_if_it_is_anywhere() -> None:
    assert unhandled(read({"x.y": ["article.*"]}), Type("x.y", 1)) == []
    assert unhandled(read([]), Type("x.y", 1)) == [("x.y", ())]


def test_handled_and_never_produced_is_noted() -> None:
    listened = read(["b.never", "a.never", "x.y", "*"])
    assert handled.judge(listened, [Type("x.y", 1)]).never == ["a.never", "b.never"]


def test_captures_produce_changes_at_the_documents_they_name() -> None:
    rows = [
        ("public.article", "article.{id}"),
        ("public.line", ["order.{order_id}", "acme.{region}.line.{id}"]),
    ]
    (one,) = handled.together(handled.captured(rows))
    assert one == Type(
        "presently.change",
        documents=("article.0", "order.0", "acme.0.line.0"),
        captured=("public.article", "public.line"),
    )
    listened = read({"presently.change": ["article.*"]})
    assert unhandled(listened, one) == [("presently.change", ("order.0", "acme.0.line.0"))]


def test_seen_and_captured_are_one_type() -> None:
    seen = Type("presently.change", 4, ("article.1",))
    (one,) = handled.together([seen, *handled.captured([("public.article", "article.{id}")])])
    assert (one.count, one.documents) == (4, ("article.1", "article.0"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("comment.added", "expected"),
        ([1], "expected"),
        ({"a.b": "article.*"}, "expected"),
        ({"a.b": []}, "expected"),
        ({"a.b": [1]}, "expected"),
        (["a b"], "'a b' is no type"),
        (["x" * 121], "is no type"),
        (None, "expected"),
    ],
)
def test_what_is_no_list_of_types_says_so(value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(value)


def test_what_is_no_json_says_so() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        handled.read(["{"])
