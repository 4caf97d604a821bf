"""The headers of a document's message."""

from __future__ import annotations

import pytest

from schemas.errors import MalformedMessage
from schemas.marks import Marks, read_marks


def test_marks_tell_a_document_message_apart_without_its_body() -> None:
    marks = Marks("presence", "article.42", 17, "k3", 9, 4)
    assert read_marks(marks.headers()) == marks


@pytest.mark.parametrize("missing", ["w", "d", "g", "e", "s", "v"])
def test_marks_are_all_or_nothing(missing: str) -> None:
    headers = Marks("event", "article.42", 17, "k3", 9).headers()
    del headers[missing]
    with pytest.raises(MalformedMessage):
        read_marks(headers)
