"""The shapes of "who is here" that a browser, a backend and the bus all see. JSON.

One shape for presence everywhere: ``full`` replaces what was known, else ``users`` are put and
``left`` removed. ``v`` counts the changes; whoever sees a gap asks for the whole.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas import limits

Mode = Literal["watching", "reading", "editing"]
"""``watching`` sees and is not shown. A user's mode is the strongest of their seats'."""


Object = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object"})]
"""A JSON object, as it was written. Whoever takes it from a stranger looks whether it is one."""


def empty_object() -> msgspec.Raw:
    """JSON's ``{}``."""
    return msgspec.Raw(b"{}")


class Position(msgspec.Struct, frozen=True):
    """A place in a document's history: all up to ``seq`` of ``epoch`` is known."""

    epoch: Annotated[str, Meta(max_length=limits.EPOCH_BYTES)]
    seq: Annotated[int, Meta(ge=0, le=limits.INTEGER)]


class User(msgspec.Struct, frozen=True):
    """One user at one document, all their seats taken together.

    Attributes:
        info: JSON object from the token, at most ``limits.INFO_BYTES``.
        state: JSON object of the strongest seat, the latest of equals; at most
            ``limits.STATE_BYTES``.
    """

    id: str
    name: str
    info: Object
    mode: Mode
    state: Object


class Counts(msgspec.Struct, frozen=True):
    """How many users (not seats) are here, by mode. Watchers are not counted."""

    reading: int
    editing: int


class Lease(msgspec.Struct, frozen=True):
    """Who holds the sole right to edit. ``fence`` only grows; a backend may refuse older ones."""

    user: str
    fence: int


class Presence(msgspec.Struct, frozen=True):
    """Who is at one document: the whole (``full``) or a change.

    Attributes:
        v: Counts up by one from frame to frame of one socket, or the frame is ``full``.
        left: User ids to remove. Empty when ``full``.
        complete: False when not everybody is listed (above ``limits.PRESENCE_USERS``) or not
            every gateway has answered yet after a take-over.
    """

    v: int
    full: bool
    users: list[User]
    left: list[str]
    counts: Counts
    complete: bool
    lease: Lease | None


class DocumentSummary(msgspec.Struct, frozen=True):
    """One document in a collection's summary. Both counts 0: nobody is there any more.

    Attributes:
        users: At most ``limits.SUMMARY_USERS``, editors first.
    """

    document: str
    users: list[User]
    counts: Counts


class Summary(msgspec.Struct, frozen=True):
    """Who is where in a collection: the whole (``full``) or the documents that changed."""

    v: int
    full: bool
    complete: bool
    documents: list[DocumentSummary]
