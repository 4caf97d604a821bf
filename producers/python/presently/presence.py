"""Who is at a document, as ``GET /v1/documents/<id>`` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Mode = Literal["watching", "reading", "editing"]


@dataclass(frozen=True, slots=True)
class User:
    """One user at one document, all their tabs taken together. ``state``: what they say there."""

    id: str
    name: str
    mode: Mode
    info: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds the sole right to edit. ``fence`` only grows: refuse a save with an older one."""

    user: str
    fence: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Everybody at a document.

    Attributes:
        reading, editing: How many users; ``users`` may list fewer, then ``complete`` is false.
        seq: Number of its latest event, within ``epoch``.
    """

    document: str
    users: tuple[User, ...] = ()
    reading: int = 0
    editing: int = 0
    complete: bool = True
    lease: Lease | None = None
    epoch: str = ""
    seq: int = 0

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Out of the API's answer. Fields we do not know are ignored."""
        lease = answer.get("lease")
        return cls(
            document=answer["document"],
            users=tuple(
                User(
                    id=user["id"],
                    name=user["name"],
                    mode=user["mode"],
                    info=user.get("info") or {},
                    state=user.get("state") or {},
                )
                for user in answer["users"]
            ),
            reading=answer["counts"].get("reading", 0),
            editing=answer["counts"].get("editing", 0),
            complete=answer.get("complete", True),
            lease=Lease(lease["user"], lease["fence"]) if lease else None,
            epoch=answer.get("epoch", ""),
            seq=answer.get("seq", 0),
        )
