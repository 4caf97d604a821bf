"""What can go wrong, split by whose fault it is and whether trying again helps."""

from __future__ import annotations


class PresentlyError(Exception):
    """Root of the tree. Raised itself when Presently refuses us: a wrong address, key or right."""


class InvalidEvent(PresentlyError, ValueError):
    """The caller's fault: this is no event, and was not sent. Trying again does not help.

    Attributes:
        at: Path of the first fault, e.g. ``data.op`` or ``subject``; empty for the whole.
        why: What is wrong with it.
    """

    def __init__(self, at: str, why: str) -> None:
        super().__init__(f"{at}: {why}" if at else why)
        self.at = at
        self.why = why


class Unavailable(PresentlyError):
    """The world's fault. Whether the event was taken is unknown: publish it again under ``id``.

    Attributes:
        why: What happened.
        id: The event's id; empty if it was not about an event.
    """

    def __init__(self, why: str, id: str = "") -> None:
        super().__init__(f"{why}; try again with id={id!r}" if id else why)
        self.why = why
        self.id = id
