"""One event that a session has to tell, checked before anybody is asked to carry it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presently import events, limits


@dataclass(frozen=True, slots=True)
class Told:
    """For each of ``documents``. ``id`` is what a publisher sends; an outbox gives its own."""

    documents: tuple[str, ...]
    type: str
    data: Mapping[str, Any]
    actor: str | None
    id: str


def told(
    documents: str | Sequence[str],
    type: str,
    data: Mapping[str, object] | None,
    actor: str | None = None,
) -> Told:
    """Check it, as the outbox and the hub will.

    Raises:
        InvalidEvent: With the path of the first fault.
    """
    id = str(uuid.uuid4())
    messages = events.write(
        documents, type, data, source="/sqlalchemy", actor=actor, id=id, time=None
    )
    limits.check(data or {}, actor)
    return Told(tuple(each.document for each in messages), type, dict(data or {}), actor, id)
