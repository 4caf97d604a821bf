"""A join that waits for its answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic

from gateway.effects import Deliver, P
from gateway.summaries import Keys
from schemas import frames
from schemas.frames import RequestId
from schemas.ids import ConnectionId, DocumentId
from schemas.presence import Position


@dataclass(slots=True)
class Pending(Generic[P]):
    """A join that waits for its answer.

    Attributes:
        ask: The question whose answer serves it; 0: not asked yet.
        answered: The owner has said all there is to say to its position.
        syncs: Who asked for the whole meanwhile: ``joined`` is that.
    """

    peer: P
    connection: ConnectionId
    id: RequestId | None
    since: Position | None
    keys: Keys
    at: int
    ask: int = 0
    answered: bool = False
    syncs: list[RequestId] = field(default_factory=list)

    def synced(self, document: DocumentId) -> list[Deliver[P]]:
        """``ok`` to whoever asked for the whole while it waited; it has been told now."""
        oks = [frames.Ok(id=id, document=document) for id in self.syncs]
        return [Deliver([self.peer], frames.write_frame(ok)) for ok in oks]
