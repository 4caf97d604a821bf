"""Document ids and slots, held to the table that all languages share."""

from __future__ import annotations

from typing import Any

import pytest

from presently import InvalidEvent, document_id
from presently.documents import check_document, list_id, routing_key
from tests.unit.schemas.golden import golden

GOLDEN = golden("documents")


@pytest.mark.parametrize("row", GOLDEN["documents"], ids=lambda row: row["document"])
def test_ids_and_slots_are_those_of_every_language(row: dict[str, Any]) -> None:
    assert document_id(*row["words"]) == row["document"]
    assert routing_key(row["document"]) == f":{row['slot']:02d}.{row['document']}"


@pytest.mark.parametrize("words", GOLDEN["refused_words"], ids=str)
def test_words_that_make_no_id_are_refused(words: list[str]) -> None:
    with pytest.raises(InvalidEvent):
        document_id(*words)


@pytest.mark.parametrize("id", [*GOLDEN["refused_ids"], 42, None], ids=repr)
def test_text_that_is_no_id_is_refused(id: object) -> None:
    with pytest.raises(InvalidEvent) as caught:
        check_document(id)
    assert caught.value.at == "subject"


def test_a_list_is_its_collections() -> None:
    assert list_id("acme", "page/x") == "acme.page%2Fx.~"
    with pytest.raises(InvalidEvent):
        list_id()
