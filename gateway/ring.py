"""The last events of one document, for those who come back. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from schemas import frames, limits
from schemas.ids import DocumentId

BYTES: Final = limits.REPLAY_BYTES + 256 * limits.REPLAY_EVENTS
"""What one ``joined`` may replay, each event with a frame around it."""


class Ring:
    """``event`` frames after ``start``, without a gap. Bounded: the oldest go first."""

    __slots__ = ("_frames", "size", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.size = 0
        self._frames: deque[bytes] = deque()

    @property
    def end(self) -> int:
        """The ``seq`` of the last event kept."""
        return self.start + len(self._frames)

    def append(self, frame: bytes) -> None:
        """The next event."""
        self._frames.append(frame)
        self.size += len(frame)
        while self.size > BYTES or len(self._frames) > limits.REPLAY_EVENTS:
            self.size -= len(self._frames.popleft())
            self.start += 1

    def restart(self, start: int) -> None:
        """Forget everything; go on after ``start``."""
        self._frames.clear()
        self.size = 0
        self.start = start

    def reach_back(self, document: DocumentId, since: int, events: Sequence[bytes]) -> None:
        """Older events (CloudEvents from ``since + 1`` on) were told: keep those that fit."""
        if since >= self.start or since + len(events) < self.start:
            return
        older = events[: self.start - since]
        for number in range(self.start, since, -1):
            frame = frames.event_frame(document, number, older[number - since - 1])
            if self.size + len(frame) > BYTES or len(self._frames) >= limits.REPLAY_EVENTS:
                return
            self._frames.appendleft(frame)
            self.size += len(frame)
            self.start -= 1

    def after(self, seq: int) -> list[bytes] | None:
        """The frames after ``seq``; ``None`` when some of them are not kept."""
        if not self.start <= seq <= self.end:
            return None
        return list(self._frames)[seq - self.start :]
