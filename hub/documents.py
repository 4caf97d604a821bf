"""One document's numbers and its last events. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

from schemas import limits
from schemas.presence import Position


@dataclass(frozen=True, slots=True)
class Replay:
    """What somebody missed.

    Attributes:
        since: ``events[i]`` has number ``since + 1 + i``.
        recovered: Nothing is missing. All or nothing: else ``events`` is empty.
    """

    since: int
    recovered: bool
    events: list[bytes]


class Document:
    """Where a document stands and what it can still replay.

    Bounded by count, bytes and age (``limits.HISTORY_*``); the oldest go first.

    Attributes:
        epoch, seq: Its position.
        base: Where it was when this ownership began: whoever knows more from before then has seen
            what the log has lost.
        kept: The last events with the Unix milliseconds of their numbering, up to ``seq``.
        bytes: Of the events in ``kept``.
    """

    __slots__ = ("base", "bytes", "epoch", "kept", "seq")

    def __init__(self, epoch: str, seq: int = 0) -> None:
        self.epoch = epoch
        self.seq = self.base = seq
        self.kept: deque[tuple[int, bytes]] = deque()
        self.bytes = 0

    def add(self, event: bytes, at: int) -> None:
        """The next event."""
        self.seq += 1
        self.kept.append((at, event))
        self.bytes += len(event)
        while (
            len(self.kept) > limits.HISTORY_EVENTS
            or self.bytes > limits.HISTORY_BYTES
            or self.kept[0][0] < at - limits.HISTORY_MS
        ):
            self.bytes -= len(self.kept.popleft()[1])

    def recall(self, older: Document) -> None:
        """Put older events before the kept ones, as many as the bounds allow. They must end where
        ours begin; others are of no use."""
        if (older.epoch, older.seq) != (self.epoch, self.seq - len(self.kept)):
            return
        from_at = max(self.last_at, older.last_at) - limits.HISTORY_MS
        for at, event in reversed(older.kept):
            if (
                len(self.kept) == limits.HISTORY_EVENTS
                or self.bytes + len(event) > limits.HISTORY_BYTES
                or at < from_at
            ):
                return
            self.kept.appendleft((at, event))
            self.bytes += len(event)

    def begin(self, epoch: str) -> None:
        """Start anew at 0 in another epoch."""
        self.epoch = epoch
        self.seq = self.base = 0
        self.forget()

    def forget(self) -> None:
        """Drop the history, not the position."""
        self.kept.clear()
        self.bytes = 0

    @property
    def last_at(self) -> int:
        """When its last kept event was numbered; 0 without any."""
        return self.kept[-1][0] if self.kept else 0

    def lacks(self, position: Position | None) -> bool:
        """Whether only events that are not kept, but may be in the log, hinder a replay."""
        if position is None or position.epoch != self.epoch or position.seq > self.seq:
            return False
        return len(self.kept) < self.seq - position.seq <= limits.REPLAY_EVENTS

    def since(self, position: Position | None) -> Replay:
        """Everything after ``position``, if all of it is kept and within ``limits.REPLAY_*``."""
        nothing = Replay(self.seq, False, [])
        if position is None or position.epoch != self.epoch or position.seq > self.seq:
            return nothing
        missing = self.seq - position.seq
        if missing > min(len(self.kept), limits.REPLAY_EVENTS):
            return nothing
        events = [event for _, event in islice(self.kept, len(self.kept) - missing, None)]
        if sum(map(len, events)) > limits.REPLAY_BYTES:
            return nothing
        return Replay(position.seq, True, events)
