"""What a shard's owner tells one gateway, in msgpack: answers, refusals, a collection's part.

It goes through ``hub.events`` with the gateway's own key. JSON inside is carried as ``bin``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas import codec, limits
from schemas.presence import Lease, Mode
from schemas.unknown import Unknown

Json = Annotated[bytes, Meta(max_length=limits.EVENT_BYTES)]
"""A JSON value, UTF-8, as it was written."""


class _Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    pass


class UserNow(msgspec.Struct, frozen=True):
    """``schemas.presence.User`` with its JSON as bytes."""

    id: str
    name: str
    info: Json
    mode: Mode
    state: Json


class PresenceNow(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody at a document. ``v`` is the owner's count within its generation.

    Attributes:
        complete: False while gateways have not answered after a take-over, or above
            ``limits.PRESENCE_USERS``.
    """

    v: int
    users: list[UserNow]
    reading: int
    editing: int
    complete: bool
    lease: Lease | None = None


class Answer(_Reply, frozen=True, kw_only=True, tag="answer"):
    """The document as it is.

    Attributes:
        ask: Of the ``AskAct`` answered; 0 when it answers a place in ``Seats``.
        epoch, seq: The document's position.
        since: ``seq`` after which ``events`` begin: ``events[i]`` has ``since + 1 + i``.
        recovered: ``events`` hold everything after what the asker knew.
        events: CloudEvents as JSON.
        base: See ``Marks``.
    """

    ask: int
    document: str
    epoch: str
    seq: int
    since: int
    recovered: bool
    events: list[Json]
    presence: PresenceNow
    base: int = -1


class Done(_Reply, frozen=True, kw_only=True, tag="done"):
    """A request was carried out. ``seq`` for an event, ``fence`` for a lease."""

    request: int
    document: str
    seq: int | None = None
    fence: int | None = None


class Refused(_Reply, frozen=True, kw_only=True, tag="refused"):
    """A request was not carried out. ``code`` of ``schemas.errors.ErrorCode``."""

    request: int
    document: str
    code: str
    message: str
    by: str | None = None
    by_name: str | None = None


class LeaseLost(_Reply, frozen=True, kw_only=True, tag="lease_lost"):
    """This seat no longer holds the lease.

    Attributes:
        reason: ``taken`` by the same user's other tab, or ``expired``.
        fence: Of the lease that is lost; 0 from a hub that does not say.
    """

    document: str
    connection: str
    reason: str
    fence: int = 0


class DocumentNow(msgspec.Struct, frozen=True):
    """One member of a collection: counts and at most ``limits.SUMMARY_USERS``, editors first."""

    document: str
    users: list[UserNow]
    reading: int
    editing: int


class Part(_Reply, frozen=True, kw_only=True, tag="part"):
    """A collection's members in one slot: the whole, or those that changed.

    Attributes:
        v: Counts this owner's parts to this gateway for this collection; a gap is asked for.
    """

    collection: str
    v: int
    full: bool
    complete: bool
    documents: list[DocumentNow]


Reply = Answer | Done | Refused | LeaseLost | Part


class Replies(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="replies"):
    """What an owner has to tell one gateway, in order. Of a lower generation than seen: ignored."""

    slot: int
    generation: int
    replies: Sequence[Reply | Unknown]


def read_replies(body: bytes) -> Replies | Unknown:
    """Raises: MalformedMessage."""
    message: Replies | Unknown = codec.read_any(body, Replies | Unknown)
    return message
