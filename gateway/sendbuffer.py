"""What one browser has not yet taken. Pure.

The socket writes straight to its transport while that has room. Once it has not, frames wait here,
bounded twice: by bytes and by count, because a thousand tiny frames and one huge frame hurt in
different ways. Presence does not wait: a later whole one says all that the skipped ones said, so
only *that* something was skipped is remembered. Events are never skipped, since a gap is worse than
a reconnect: when they overflow, the browser is too slow, is closed (4100) and resumes.
"""

from __future__ import annotations

from typing import Final

FRAMES: Final = 4096
"""More frames than this waiting for one browser is too slow, however small they are."""


class Overflow(Exception):
    """The browser is too slow.

    Attributes:
        frames, size: What was waiting, and its bytes with the frame that did not fit.
    """

    def __init__(self, frames: int, size: int) -> None:
        super().__init__(f"{frames} frames, {size} bytes unsent")
        self.frames = frames
        self.size = size


class SendBuffer:
    """Frames in order, and the documents whose presence must be told whole."""

    __slots__ = ("_frames", "_max_bytes", "_max_frames", "_skipped", "size")

    def __init__(self, max_bytes: int, max_frames: int = FRAMES) -> None:
        self._max_bytes = max_bytes
        self._max_frames = max_frames
        self._frames: list[bytes] = []
        self._skipped: dict[str, None] = {}
        self.size = 0

    def push(self, frame: bytes, *, unsent: int = 0) -> None:
        """Let ``frame`` wait. ``unsent``: bytes that wait elsewhere for the same browser.

        Raises:
            Overflow: It does not fit. The buffer is unchanged.
        """
        size = self.size + len(frame)
        if len(self._frames) >= self._max_frames or size + unsent > self._max_bytes:
            raise Overflow(len(self._frames), size + unsent)
        self._frames.append(frame)
        self.size = size

    def skip(self, document: str) -> None:
        """A presence or summary of ``document`` was due and is not kept."""
        self._skipped[document] = None

    def take(self) -> tuple[list[bytes], list[str]]:
        """Everything that waits, and the documents to tell whole after it. Empties the buffer."""
        frames, skipped = self._frames, list(self._skipped)
        self._frames = []
        self._skipped = {}
        self.size = 0
        return frames, skipped
