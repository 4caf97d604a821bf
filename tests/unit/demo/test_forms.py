from urllib.parse import urlencode

import pytest

from demo.articles import HIGHEST_ID, LONGEST_BODY, LONGEST_TITLE, Draft
from demo.forms import FIELDS, HIGHEST_FENCE, BadForm, read_form


def posted(**fields: object) -> bytes:
    whole = {"title": "Moon", "body": "Text", "status": "draft", "version": "3", **fields}
    return urlencode(whole).encode()


def test_a_form_is_a_draft() -> None:
    read = read_form(posted(title=" Mönd 月 ", body="one\r\ntwo\r\n"))
    assert read.draft == Draft("Mönd 月", "one\ntwo", "draft", 3)
    assert read.problems == {}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "   ", "needs a title"),
        ("title", "x" * (LONGEST_TITLE + 1), "At most 120 characters; this has 121"),
        ("title", "a\0b", "NUL"),
        ("body", "x" * (LONGEST_BODY + 1), "At most 20000 characters"),
        ("body", "a\0b", "NUL"),
        ("status", "burnt", "draft, in review, published"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, value: str, says: str) -> None:
    read = read_form(posted(**{field: value}))
    assert list(read.problems) == [field]
    assert says in read.problems[field]


@pytest.mark.parametrize(
    ("fence", "means"), [("", None), ("0", 0), ("1732279811123", 1732279811123)]
)
def test_the_fence_is_that_of_a_lease_or_none(fence: str, means: int | None) -> None:
    assert read_form(posted(fence=fence)).draft.fence == means
    assert read_form(posted()).draft.fence is None


@pytest.mark.parametrize("fence", ["x", "-1", "²", str(HIGHEST_FENCE + 1), "1" * 5000])
def test_what_is_no_fence_is_refused(fence: str) -> None:
    with pytest.raises(BadForm, match="under which lease"):
        read_form(posted(fence=fence))


def test_the_longest_title_and_body_are_fine() -> None:
    read = read_form(posted(title="x" * LONGEST_TITLE, body="x" * LONGEST_BODY))
    assert read.problems == {}


@pytest.mark.parametrize("version", ["", "three", "-1", "²", "1" * 5000, str(HIGHEST_ID + 1)])
def test_a_form_without_a_usable_version_is_refused(version: str) -> None:
    with pytest.raises(BadForm, match="which version"):
        read_form(posted(version=version))


@pytest.mark.parametrize(
    "body",
    [
        b"title=%ff&version=1",
        "title=Mönd&version=1".encode(),
        b"&".join(b"f%d=" % number for number in range(FIELDS + 1)),
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadForm):
        read_form(body)
