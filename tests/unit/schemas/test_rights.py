"""Rights by topic pattern."""

from __future__ import annotations

import pytest

from schemas.ids import parse_document
from schemas.rights import Right, matches, right_on, right_on_collection

ACME = {"acme.article.*": Right.EDIT, "acme.#": Right.READ}


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("article.42", "article.42", True),
        ("article.*", "article.42", True),
        ("article.*", "article.42.7", False),
        ("article.#", "article.42.7", True),
        ("article.#", "article", True),
        ("#", "article.42", True),
        ("#.42", "article.42", True),
        ("#.42", "article.41", False),
        ("*.*", "article.42", True),
        ("*", "article.42", False),
        ("a.#.z", "a.z", True),
        ("a.#.z", "a.b.c.z", True),
        ("a.#.z", "a.b.c", False),
        ("#.b.#", "a.b.c", True),
        ("#.#", "a", True),
        ("a.*.#", "a", False),
    ],
)
def test_patterns_match_as_on_an_amqp_topic_exchange(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern.split("."), text.split(".")) is fits


def test_the_strongest_match_wins() -> None:
    assert right_on(parse_document("acme.article.42"), ACME) is Right.EDIT
    assert right_on(parse_document("acme.memo.1"), ACME) is Right.READ
    assert right_on(parse_document("other.article.42"), ACME) is Right.NONE


def test_a_list_needs_the_right_on_the_whole_collection() -> None:
    assert right_on_collection("acme.article", ACME) is Right.EDIT
    assert right_on_collection("article", {"article.42": Right.EDIT}) is Right.NONE
    assert right_on_collection("article", {"article.~": Right.READ}) is Right.NONE
    assert right_on_collection("article", {"article.*": Right.READ}) is Right.READ
    assert right_on_collection("article", {"#": Right.SEND}) is Right.SEND


def test_no_patterns_no_right() -> None:
    assert right_on(parse_document("article.42"), {}) is Right.NONE
