"""The headers of a document's message. They spare everybody on its way the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas import limits
from schemas.errors import MalformedMessage
from schemas.unknown import KIND_CHARS, Unknown

WHATS: Final = ("event", "presence", "reset")


class Headers(msgspec.Struct, frozen=True, kw_only=True):
    """``Marks`` as they are spelled on the bus; for the schema, nobody makes one.

    Attributes:
        w: What: which frame the body is.
        d: Document.
        g: Generation of the owner that published it; one lower than seen for the slot is void.
        e: Epoch.
        s: Seq of the event (0: ephemeral), else the document's position.
        v: Of a presence, within the generation; else 0.
        b: Base, of events: see ``Marks``.
    """

    w: Literal["event", "presence", "reset"]
    d: str
    g: int
    e: str
    s: int
    v: int
    b: int = -1


class DeadHeaders(msgspec.Struct, frozen=True, kw_only=True, rename={"origin": "from"}):
    """Headers of a dead letter, whose body is as it came; for the schema, nobody makes one.

    Attributes:
        reason: What is wrong with it, for people.
        from: The exchange it was published to.
        key: Its routing key there.
    """

    reason: Annotated[str, Meta(max_length=2 * limits.WHY_CHARS)]
    origin: str
    key: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the headers of a document's message say, so that nobody parses its body.

    The body is a JSON frame of ``schemas.frames``: ``event``, ``presence`` or ``reset``.

    Attributes:
        what: Which of them.
        seq: Of the event; for ``presence`` and ``reset`` the document's position.
        v: Of the presence, in this generation; else 0. Ephemeral events have ``seq`` 0.
        base: Of events: how many of the epoch the log had when this generation began. Whoever was
            told more before was told what the log has lost since. -1: not said.
    """

    what: Literal["event", "presence", "reset"]
    document: str
    generation: int
    epoch: str
    seq: int
    v: int = 0
    base: int = -1

    def headers(self) -> dict[str, str | int]:
        """As AMQP headers, short because each costs on every hop."""
        said: dict[str, str | int] = {} if self.base < 0 else {"b": self.base}
        return said | {
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
            base = headers.get("b")
            said_base = base if isinstance(base, int) else -1
            return Marks(what, document, generation, epoch, seq, v, said_base)
    said = headers.get("w")
    if isinstance(said, str) and said not in WHATS:
        return Unknown(what=said[:KIND_CHARS])
    raise MalformedMessage("no marks of a document's message", 0)
