"""One document's events in their order. Pure.

The bus may bring events twice, late or not at all, and an old owner may still be heard. Browsers
get each event once, in order, without a gap: ``last + 1`` is delivered, older is dropped, newer is
held until the gap is filled or an ``Answer`` says it never will be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas import frames
from schemas.ids import DocumentId, epoch_age
from schemas.presence import Position

HELD_BYTES: Final = 1024 * 1024
"""Bytes held for one document. What does not fit is asked for like anything else missing."""


@dataclass(slots=True)
class Moved:
    """How the line went on.

    Attributes:
        reset: The numbers begin anew (or a gap cannot be filled): tell before ``events``, with
            this position.
        events: ``(seq, frame)`` to deliver, in order.
    """

    reset: Position | None = None
    events: list[tuple[int, bytes]] = field(default_factory=list)


class Line:
    """Where one document stands, and what waits for its turn."""

    __slots__ = ("_held", "_held_bytes", "_missed", "document", "epoch", "reached", "seq", "void")

    def __init__(self, document: DocumentId) -> None:
        self.document = document
        self.epoch = ""
        """Empty: nothing is known of the document yet."""
        self.seq = 0
        self.reached = 0
        """The generation under which the position was reached."""
        self.void = False
        """The log lost what we were told: nothing is delivered until the numbers begin anew."""
        self._held: dict[tuple[str, int], bytes] = {}
        self._held_bytes = 0
        self._missed: tuple[str, int] | None = None

    @property
    def known(self) -> bool:
        """Whether there is a position."""
        return self.epoch != ""

    @property
    def gap(self) -> bool:
        """Whether something waits for what has not come."""
        return bool(self._held) or self._missed is not None

    @property
    def position(self) -> Position | None:
        """The place up to which everything is known."""
        return Position(self.epoch, self.seq) if self.known else None

    def moved(self, position: Position | None, generation: int) -> None:
        """Something came under this generation, when we were at ``position``."""
        if self.position != position:
            self.reached = generation

    def compare(self, generation: int, epoch: str, base: int) -> None:
        """The owner of ``generation`` speaks: its log had ``base`` events of this epoch at its
        beginning. If we were told more before, the log has lost its end.

        Such an owner gives our numbers to other events, and the document a new epoch as soon as it
        is told where we are. Until then the number after our last is no event after our last.
        """
        if epoch == self.epoch and generation > self.reached and 0 <= base < self.seq:
            self.void = True

    def begin(self, epoch: str, seq: int) -> Moved:
        """Take this for our position: the first we hear of the document."""
        self.epoch, self.seq = epoch, seq
        return Moved(events=self._next())

    def event(self, epoch: str, seq: int, frame: bytes) -> Moved:
        """An event came."""
        if not self.known:
            self._hold(epoch, seq, frame)
            return Moved()
        if self.void and epoch == self.epoch:
            return Moved()
        if epoch == self.epoch and seq == self.seq + 1:
            self.seq = seq
            return Moved(events=[(seq, frame), *(self._next() if self.gap else ())])
        if not self._ahead(epoch, seq):
            return Moved()
        if epoch != self.epoch and seq == 1:
            self.epoch, self.seq, self.void = epoch, 1, False
            return Moved(Position(epoch, 0), [(1, frame), *self._next()])
        self._hold(epoch, seq, frame)
        return Moved()

    def restart(self, epoch: str, seq: int) -> Moved:
        """The numbers begin anew in ``epoch``, after ``seq``. An older epoch is no news."""
        if self.known and epoch_age(epoch) <= epoch_age(self.epoch):
            return Moved()
        known = self.known
        self.epoch, self.seq, self.void = epoch, seq, False
        return Moved(Position(epoch, seq) if known else None, self._next())

    def fill(
        self, epoch: str, since: int, events: Sequence[bytes], seq: int, *, asked: Position | None
    ) -> Moved:
        """The owner says: ``events`` (CloudEvents) are those from ``since + 1`` to ``seq``.

        What they do not cover cannot be had any more if it was our own place that was asked for:
        everything starts again from ``seq``. If not, it is yet to be asked for.
        """
        if not self.known:
            return self.begin(epoch, seq)
        if epoch != self.epoch:
            return self.restart(epoch, seq)
        if self.void:
            return Moved()
        if seq <= self.seq:
            self._forget_passed()
            return Moved(events=self._next())
        if since > self.seq or since + len(events) != seq:
            if asked != self.position:
                self._miss(epoch, seq)
                return Moved()
            self.seq = seq
            return Moved(Position(epoch, seq), self._next())
        missing = events[self.seq - since :]
        filled = [
            (number, frames.event_frame(self.document, number, event))
            for number, event in enumerate(missing, self.seq + 1)
        ]
        self.seq = seq
        return Moved(events=filled + self._next())

    def _ahead(self, epoch: str, seq: int) -> bool:
        if epoch == self.epoch:
            return seq > self.seq
        return epoch_age(epoch) > epoch_age(self.epoch)

    def _hold(self, epoch: str, seq: int, frame: bytes) -> None:
        if (epoch, seq) in self._held:
            return
        if self._held_bytes + len(frame) > HELD_BYTES:
            self._miss(epoch, seq)
            return
        self._held[epoch, seq] = frame
        self._held_bytes += len(frame)

    def _miss(self, epoch: str, seq: int) -> None:
        self._missed = max(self._missed or (epoch, seq), (epoch, seq), key=_age)

    def _next(self) -> list[tuple[int, bytes]]:
        events = []
        while (frame := self._held.pop((self.epoch, self.seq + 1), None)) is not None:
            self._held_bytes -= len(frame)
            self.seq += 1
            events.append((self.seq, frame))
        self._forget_passed()
        return events

    def _forget_passed(self) -> None:
        for place in [place for place in self._held if not self._ahead(*place)]:
            self._held_bytes -= len(self._held.pop(place))
        if self._missed is not None and not self._ahead(*self._missed):
            self._missed = None


def _age(place: tuple[str, int]) -> tuple[int, int]:
    return epoch_age(place[0]), place[1]
