"""Ids are the same in every language: this is Python's answer to the golden table."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import ids
from schemas.errors import InvalidDocument
from tests.unit.schemas.golden import golden

TABLE = golden("documents")


@pytest.mark.parametrize("row", TABLE["documents"], ids=lambda row: row["document"])
def test_words_give_the_documents_of_the_table(row: dict[str, Any]) -> None:
    document = ids.document_id(*row["words"])
    assert document == row["document"]
    assert ids.slot_of(document) == row["slot"]
    assert ids.collection_of(document) == row["collection"]
    assert ids.parse_document(document) == document


@pytest.mark.parametrize("words", TABLE["refused_words"], ids=repr)
def test_words_that_make_no_document(words: list[str]) -> None:
    with pytest.raises(InvalidDocument):
        ids.document_id(*words)


@pytest.mark.parametrize("text", TABLE["refused_ids"], ids=repr)
def test_texts_that_are_no_document(text: str) -> None:
    with pytest.raises(InvalidDocument):
        ids.parse_document(text)


def test_a_routing_key_has_its_slot_in_front_and_reads_back() -> None:
    document = ids.parse_document("article.42")
    assert ids.routing_key(document) == ":03.article.42"
    assert ids.document_of_key(":03.article.42") == document
    assert ids.document_of_key("article.42") == document


@pytest.mark.parametrize("key", ["", ":03.", ":3.article.42", ":xx.article.42", "article"])
def test_keys_that_name_no_document(key: str) -> None:
    with pytest.raises(InvalidDocument):
        ids.document_of_key(key)


def test_a_list_is_the_document_of_its_collection() -> None:
    assert ids.list_of("acme.article") == "acme.article.~"
    assert ids.is_list(ids.list_of("article"))
    assert not ids.is_list(ids.document_id("article", "~"))
    assert ids.collection_of(ids.list_of("article")) == "article"


@pytest.mark.parametrize("name", ["article", "acme.article", "a.b.c.d"])
def test_collections_have_one_to_four_words(name: str) -> None:
    assert ids.parse_collection(name) == name


@pytest.mark.parametrize("name", ["", "a.b.c.d.e", "article.", "a b"])
def test_what_is_no_collection(name: str) -> None:
    with pytest.raises(InvalidDocument):
        ids.parse_collection(name)


def test_an_epoch_is_named_after_the_generation_that_began_it() -> None:
    generation = 1_764_000_000_123
    assert ids.epoch_age(ids.epoch_name(generation)) == generation
    assert ids.epoch_name(0) == "0"
    assert ids.epoch_age("no such epoch!") == 0
    assert ids.epoch_age("z" * 1000) == 0


def test_everybody_has_a_document_of_their_own() -> None:
    assert ids.user_document(ids.UserId("fry@planet.express")) == "user.fry%40planet%2Eexpress"


def test_the_error_carries_no_more_than_a_little_of_a_strangers_text() -> None:
    with pytest.raises(InvalidDocument) as caught:
        ids.parse_document("x" * 10_000)
    assert len(caught.value.text) == 80
