"""Knows what was committed and what every page did, and compares it with what every page saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.fault.visitor import Visitor
from tests.fault.writers import Writers

STRENGTH = {"reading": 1, "editing": 2}


@dataclass
class Oracle:
    """What all pages together must agree on.

    Attributes:
        stayers: Users that are at every document all the time, in one mode.
        flickers: (page, document, user) each time a page stopped showing one of them.
        faults: What may not be, in words.
    """

    stayers: set[str] = field(default_factory=set)
    flickers: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _events: dict[tuple[str, str, int], tuple[str, str]] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def numbered(self, document: str, epoch: str, seq: int, id: str, who: str) -> None:
        """A page saw this event under this number."""
        self._seen.add((document, id))
        known, by = self._events.setdefault((document, epoch, seq), (id, who))
        if known != id:
            self.faults.append(f"{document} {epoch}:{seq} is {known} for {by}, and {id} for {who}")

    def gone(self, document: str, users: set[str], who: str) -> None:
        """A page no longer shows these users."""
        self.flickers += [(who, document, user) for user in sorted(users & self.stayers)]

    def behind(self, visitors: Iterable[Visitor], writers: Writers) -> list[str]:
        """Pages that do not show the last committed version; empty when all has arrived."""
        last = {document: max(made, default=0) for document, made in writers.committed.items()}
        return [
            f"{visitor.name} {document} at {page.version} of {last[document]}"
            for visitor in visitors
            for document, page in visitor.ledger.pages.items()
            if document in last and page.version != last[document]
        ]

    def unsaid(self, visitors: Iterable[Visitor]) -> list[str]:
        """What was confirmed to a page and reached nobody."""
        said = {said for visitor in visitors for said in visitor.said}
        return [
            f"{document}: {id} was confirmed and seen by nobody"
            for document, id in sorted(said - self._seen)
        ]

    def who_is_at(self, document: str, visitors: Iterable[Visitor]) -> dict[str, str]:
        """User → mode, as everybody must see it at rest."""
        here: dict[str, str] = {}
        for visitor in visitors:
            mode = visitor.wants.get(document)
            if mode in STRENGTH:
                known = here.get(visitor.user, mode)
                here[visitor.user] = max(mode, known, key=STRENGTH.__getitem__)
        return here

    def strange(self, visitors: Sequence[Visitor]) -> list[str]:
        """Presence that is not what it should be at rest: ghosts and missing ones."""
        wrong: list[str] = []
        for visitor in visitors:
            tab = visitor.tab
            for document in visitor.wants:
                view = tab.views.get(document) if tab else None
                if view is None:
                    wrong.append(f"{visitor.name} is not at {document}")
                    continue
                expected = self.who_is_at(document, visitors)
                seen = {id: user["mode"] for id, user in view.present.items()}
                if seen != expected or not view.complete:
                    wrong.append(
                        f"{visitor.name} {document}: ghosts {_minus(seen, expected)}, "
                        f"missing {_minus(expected, seen)}, complete {view.complete}"
                    )
        return wrong

    def verdict(self, visitors: Sequence[Visitor]) -> list[str]:
        """Everything that was wrong, at the end."""
        faults = self.faults + [fault for each in visitors for fault in each.ledger.faults]
        if not self.reloads(visitors):
            faults += self.unsaid(visitors)
        return faults

    def reloads(self, visitors: Iterable[Visitor]) -> int:
        """Times a page was told to load a document anew."""
        return sum(page.reloads for v in visitors for page in v.ledger.pages.values())

    def codes(self, visitors: Iterable[Visitor]) -> Counter[int | None]:
        """With which codes connections ended."""
        return Counter(code for visitor in visitors for code in visitor.codes)


def _minus(some: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    return {user: mode for user, mode in some.items() if others.get(user) != mode}
