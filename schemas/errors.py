"""What can be wrong with something somebody sent us. Retrying does not help with any of these.

The body itself is never kept: it came from a stranger and may be large.
"""

from __future__ import annotations

import enum

from schemas import limits


class ContractError(ValueError):
    """Root of the tree: the sender's fault."""


class InvalidDocument(ContractError):
    """This is no document id.

    Attributes:
        text: What was given, cut to 80 characters.
    """

    def __init__(self, text: str) -> None:
        self.text = text[:80]
        super().__init__(
            f"{self.text!r} is no document id: 2 to 5 words joined by '.', "
            "of letters, digits, '_', '~', '-' or %XX, at most 200 bytes"
        )


class MalformedMessage(ContractError):
    """The bytes are not a message we know.

    Attributes:
        size: Length of the rejected body, in bytes.
        why: What is wrong, with the path of the first fault where there is one; cut to
            ``limits.WHY_CHARS``.
    """

    def __init__(self, why: str, size: int) -> None:
        why = why[: limits.WHY_CHARS]
        super().__init__(f"{why} ({size} bytes)")
        self.why = why
        self.size = size


class InvalidEvent(ContractError):
    """A CloudEvent that breaks a rule.

    Attributes:
        at: Path of the first fault, e.g. ``data.op`` or ``subject``; empty for the whole.
        why: What is wrong with it; cut to ``limits.WHY_CHARS``.
    """

    def __init__(self, at: str, why: str) -> None:
        at, why = at[: limits.WHY_CHARS], why[: limits.WHY_CHARS]
        super().__init__(f"{at}: {why}" if at else why)
        self.at = at
        self.why = why


class ErrorCode(enum.StrEnum):
    """Codes of the ``error`` frame. The last three are temporary: trying again may help."""

    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    UNAUTHORIZED = "unauthorized"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    NOT_JOINED = "not_joined"
    LOCKED = "locked"
    NOT_HOLDER = "not_holder"
    TOO_BIG = "too_big"
    LIMIT = "limit"
    INVALID_EVENT = "invalid_event"
    RATE_LIMITED = "rate_limited"
    """Carries ``retry_in_ms``."""
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    """The outcome is unknown: repeat with the same ``event.id``."""

    @property
    def temporary(self) -> bool:
        """Whether trying again may help."""
        return self in (ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT)
