"""``memory://``: events go to whoever records them in this process, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from presently.events import Event, Message
from presently.presence import Presence

recordings: Final[list[list[Event]]] = []
"""The lists that ``presently.testing.recorded_events`` is filling."""


class MemoryLine:
    """Hands each event to every recording. Nobody is ever anywhere."""

    def send(self, messages: Sequence[Message]) -> None:
        """Record them, as a subscriber would read them."""
        for recording in list(recordings):
            recording.extend(json.loads(message.body) for message in messages)

    def presence(self, document: str) -> Presence:
        """Nobody."""
        return Presence(document)

    def close(self) -> None:
        """Nothing to close."""
