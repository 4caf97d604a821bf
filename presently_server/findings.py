"""A line of ``presently check``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    level: Literal["ok", "warn", "FAIL"]
    what: str
    do: str = ""


def ok(what: str) -> Finding:
    """As it should be."""
    return Finding("ok", what)


def warn(what: str, do: str) -> Finding:
    """It works, perhaps not as wanted."""
    return Finding("warn", what, do)


def fail(what: str, do: str) -> Finding:
    """It does not work."""
    return Finding("FAIL", what, do)
