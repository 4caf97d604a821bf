"""Who may do what where. Rights come in the token's ``docs`` claim as AMQP topic patterns."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from schemas.ids import DocumentId


class Right(enum.IntEnum):
    """Weakest first; a stronger right includes the weaker ones."""

    NONE = 0
    READ = 1
    """Join, see who is there, be listed as reading."""
    SEND = 2
    """Also send events."""
    EDIT = 3
    """Also mode ``editing`` and the lease."""


NAMES: Final[Mapping[str, Right]] = {"read": Right.READ, "send": Right.SEND, "edit": Right.EDIT}
"""How a token spells them."""


def right_on(document: DocumentId, patterns: Mapping[str, Right]) -> Right:
    """The strongest right that any matching pattern gives on ``document``."""
    words = document.split(".")
    return max(
        (right for pattern, right in patterns.items() if matches(_split(pattern), words)),
        default=Right.NONE,
    )


def right_on_collection(collection: str, patterns: Mapping[str, Right]) -> Right:
    """The strongest right given on *every* document of ``collection``, its list included.

    A pattern counts only if its last word is a wildcard: ``article.42`` gives nothing here.
    """
    words = [*collection.split("."), "*"]
    return max(
        (
            right
            for pattern, right in patterns.items()
            if _split(pattern)[-1] in ("*", "#") and matches(_split(pattern), words)
        ),
        default=Right.NONE,
    )


def matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """AMQP topic matching: ``*`` is exactly one word, ``#`` any number of words, none included."""
    reached = {0}
    for part in pattern:
        if part == "#":
            reached = set(range(min(reached), len(words) + 1))
        else:
            reached = {
                at + 1 for at in reached if at < len(words) and (part == "*" or part == words[at])
            }
        if not reached:
            return False
    return len(words) in reached


@lru_cache(maxsize=4096)
def _split(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("."))
