"""Pure: what a browser posted, read as a draft, or told why it is not one."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from demo.articles import HIGHEST_ID, LONGEST_BODY, LONGEST_TITLE, STATUSES, Draft

LONGEST_FORM: Final = 256 * 1024
"""Bytes: the longest body, four bytes a character, percent-encoded."""

FIELDS: Final = 10

HIGHEST_FENCE: Final = 2**53
"""A fence is a time in ms, or a little more: a number that JavaScript holds."""


class BadForm(ValueError):
    """Not a form of ours at all: nothing to show again."""


@dataclass(frozen=True)
class Posted:
    """A draft as it was typed, and what is wrong with it: field → sentence."""

    draft: Draft
    problems: dict[str, str]


def read_form(body: bytes) -> Posted:
    """
    Read `application/x-www-form-urlencoded` bytes.

    Line ends become `\\n`, whatever the browser's system has.

    Raises:
        BadForm: not UTF-8, too many fields, no usable version, or a fence that is none.
    """
    try:
        text = body.decode("ascii")
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise BadForm("The form could not be read.") from error
    version = _last(fields, "version")
    if not (version.isascii() and version.isdigit() and int(version[:11]) <= HIGHEST_ID):
        raise BadForm("The form does not say which version it was filled from.")
    draft = Draft(
        title=_last(fields, "title").strip(),
        body=_last(fields, "body").replace("\r\n", "\n").strip("\n"),
        status=_last(fields, "status"),
        version=int(version[:11]),
        fence=_fence(_last(fields, "fence")),
    )
    return Posted(draft, _problems(draft))


def _problems(draft: Draft) -> dict[str, str]:
    problems = {}
    if not draft.title:
        problems["title"] = "A document needs a title."
    elif len(draft.title) > LONGEST_TITLE:
        problems["title"] = f"At most {LONGEST_TITLE} characters; this has {len(draft.title)}."
    if len(draft.body) > LONGEST_BODY:
        problems["body"] = f"At most {LONGEST_BODY} characters; this has {len(draft.body)}."
    if draft.status not in STATUSES:
        problems["status"] = f"One of {', '.join(STATUSES)}."
    for name, value in (("title", draft.title), ("body", draft.body)):
        if "\0" in value:
            problems[name] = "Please leave out the invisible character NUL."
    return problems


def _fence(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:17]) <= HIGHEST_FENCE):
        raise BadForm("The form does not say under which lease it was written.")
    return int(text[:17])


def _last(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[-1]
