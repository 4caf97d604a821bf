"""The headers of a document's message. They spare everybody on its way the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from schemas.errors import MalformedMessage
from schemas.unknown import KIND_CHARS, Unknown

WHATS: Final = ("event", "presence", "reset")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the headers of a document's message say, so that nobody parses its body.

    The body is a JSON frame of ``schemas.frames``: ``event``, ``presence`` or ``reset``.

    Attributes:
        what: Which of them.
        seq: Of the event; for ``presence`` and ``reset`` the document's position.
        v: Of the presence, in this generation; else 0. Ephemeral events have ``seq`` 0.
    """

    what: Literal["event", "presence", "reset"]
    document: str
    generation: int
    epoch: str
    seq: int
    v: int = 0

    def headers(self) -> dict[str, str | int]:
        """As AMQP headers, short because each costs on every hop."""
        return {
            "w": self.what,
            "d": self.document,
            "g": self.generation,
            "e": self.epoch,
            "s": self.seq,
            "v": self.v,
        }


def read_marks(headers: Mapping[str, object]) -> Marks | Unknown:
    """The marks of a document's message, or that it is of a kind only another version knows.

    Raises:
        MalformedMessage: Some are missing or of another type.
    """
    match headers:
        case {
            "w": ("event" | "presence" | "reset") as what,
            "d": str(document),
            "g": int(generation),
            "e": str(epoch),
            "s": int(seq),
            "v": int(v),
        }:
            return Marks(what, document, generation, epoch, seq, v)
    said = headers.get("w")
    if isinstance(said, str) and said not in WHATS:
        return Unknown(what=said[:KIND_CHARS])
    raise MalformedMessage("no marks of a document's message", 0)
