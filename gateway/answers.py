"""Answers to one frame, and the one way to refuse it. Pure."""

from __future__ import annotations

from msgspec import UNSET

from gateway.actions import Say
from schemas import frames, limits
from schemas.errors import ErrorCode


class Refused(Exception):
    """This frame gets an error for an answer."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def say(frame: frames.GatewayFrame) -> Say:
    """Send ``frame``."""
    return Say(frames.write_frame(frame))


def error(
    frame: frames.ClientFrame | None,
    code: ErrorCode,
    message: str,
    retry_in_ms: int | None = None,
) -> Say:
    """The ``error`` that answers ``frame``, with its id and document."""
    document = getattr(frame, "document", UNSET)
    return say(
        frames.error(
            code,
            message,
            id=None if frame is None else frame.id,
            document=document[: limits.DOCUMENT_BYTES] if isinstance(document, str) else UNSET,
            retry_in_ms=UNSET if retry_in_ms is None else retry_in_ms,
        )
    )
