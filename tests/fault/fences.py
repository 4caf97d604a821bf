"""Watches the right to edit: of one document's fences, each is one holder's, and they only grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fences:
    """What pages were granted and shown.

    Attributes:
        granted: Document → fence → (user, connection) it was granted to.
        faults: What may not be, in words.
    """

    granted: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _shown: dict[tuple[str, str], int] = field(default_factory=dict)
    _users: dict[tuple[str, int], str] = field(default_factory=dict)

    def highest(self, document: str) -> int:
        """Of the fences that any page was granted so far."""
        return max(self.granted.get(document, {}), default=0)

    def grant(self, document: str, fence: int, holder: tuple[str, str], asked_above: int) -> None:
        """A page was answered a request with a fence.

        Args:
            holder: (user, connection).
            asked_above: ``highest`` when it asked.
        """
        known = self.granted.setdefault(document, {}).setdefault(fence, holder)
        if known != holder:
            self.faults.append(f"{document} fence {fence} is {known}'s and {holder}'s")
        elif fence < asked_above:
            self.faults.append(f"{document} fence {fence} to {holder} after {asked_above}")
        self._user(document, fence, holder[0])

    def show(self, document: str, lease: Mapping[str, Any] | None, who: str) -> None:
        """A page shows who holds the right. It never goes back to an older fence."""
        if lease is None:
            return
        fence, before = lease["fence"], self._shown.get((who, document), 0)
        if fence < before:
            self.faults.append(f"{who} {document}: fence {fence} shown after {before}")
        self._shown[who, document] = fence
        self._user(document, fence, lease["user"])

    def apart(self, shown: Mapping[str, Mapping[str, Mapping[str, Any] | None]]) -> list[str]:
        """At rest: documents whose pages do not all show one holder. Args: shown: document → page →
        lease."""
        wrong = []
        for document, pages in shown.items():
            holders = {
                (lease["user"], lease["fence"]) if lease else None for lease in pages.values()
            }
            if len(holders) > 1:
                wrong.append(f"{document}: the right to edit is shown as {dict(pages)}")
        return wrong

    def _user(self, document: str, fence: int, user: str) -> None:
        known = self._users.setdefault((document, fence), user)
        if known != user:
            self.faults.append(f"{document} fence {fence} is {known}'s and {user}'s")
