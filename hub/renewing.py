"""What is still to be done of the renewals of a shard's collections. Pure.

asked → waiting → (its documents are looked for) → left → done
           ↑______________________________________|        asked again meanwhile
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hub.documents import Document
from schemas.ids import epoch_age

PAUSE_MS: Final = 1_000
"""Between two renewals of one collection: whoever asks for many of them gets the last one."""


@dataclass(slots=True)
class Left:
    """Documents of one collection that have yet to begin anew.

    Attributes:
        to: In this epoch.
        names: In the order of the book.
    """

    to: str
    names: dict[str, None]


class Renewing:
    """The renewals of one shard.

    Attributes:
        left: By collection, those begun and not done.
        looked_at: When documents were last looked for: Unix milliseconds.
    """

    def __init__(self) -> None:
        self.left: dict[str, Left] = {}
        self.looked_at = 0
        self._waiting: dict[str, int] = {}
        self._began: dict[str, int] = {}

    def ask(self, collection: str, now: int) -> None:
        """Whatever was done until now: all documents of a collection are to begin anew."""
        self.left.pop(collection, None)
        self._waiting[collection] = max(now, self._began.get(collection, -PAUSE_MS) + PAUSE_MS)

    def ready(self, now: int) -> list[str]:
        """The collections whose documents are now to be looked for. They wait no more."""
        ready = [name for name, due in self._waiting.items() if due <= now]
        if ready:
            self._began = {n: at for n, at in self._began.items() if at > now - PAUSE_MS}
        for name in ready:
            del self._waiting[name]
            self._began[name] = now
        return ready

    @property
    def due(self) -> int | None:
        """When there is something to do: Unix milliseconds; 0: at once."""
        return 0 if self.left else min(self._waiting.values(), default=None)


def members(
    documents: Mapping[str, Document], collections: Iterable[str]
) -> dict[str, dict[str, int]]:
    """The documents of some collections, without their lists, and how old each one's epoch is."""
    found: dict[str, dict[str, int]] = {name: {} for name in collections}
    for name, document in documents.items():
        collection, _, key = name.rpartition(".")
        if collection in found and key != "~":
            found[collection][name] = epoch_age(document.epoch)
    return found
