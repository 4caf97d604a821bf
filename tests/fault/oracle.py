"""Knows what was committed and what every page did, and compares it with what every page saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fault.fences import Fences
from tests.fault.visitor import Visitor

STRENGTH = {"reading": 1, "editing": 2}
SUMMARY_USERS = 5


@dataclass
class Oracle:
    """What all pages together must agree on.

    Attributes:
        stayers: (document, user) of who is there all the time, in one mode.
        flickers: (page, document, user) each time a page stopped showing one of them.
        fences: Who was granted the right to edit.
        faults: What may not be, in words.
    """

    stayers: set[tuple[str, str]] = field(default_factory=set)
    flickers: list[tuple[str, str, str]] = field(default_factory=list)
    fences: Fences = field(default_factory=Fences)
    faults: list[str] = field(default_factory=list)
    _events: dict[tuple[str, str, int], tuple[str, str]] = field(default_factory=dict)
    _seen: set[tuple[str, str, int]] = field(default_factory=set)

    def numbered(self, document: str, epoch: str, seq: int, id: str, who: str) -> None:
        """A page saw this event under this number."""
        self._seen.add((document, id, seq))
        known, by = self._events.setdefault((document, epoch, seq), (id, who))
        if known != id:
            self.faults.append(f"{document} {epoch}:{seq} is {known} for {by}, and {id} for {who}")

    def gone(self, document: str, users: set[str], who: str) -> None:
        """A page no longer shows these users."""
        for user in sorted(users):
            if (document, user) in self.stayers:
                self.flickers.append((who, document, user))

    def behind(self, visitors: Iterable[Visitor], final: Mapping[str, int]) -> list[str]:
        """Pages that do not show their row's version; empty when all has arrived."""
        return [
            f"{visitor.name} {document} at {page.version} of {final[document]}"
            for visitor in visitors
            for document, page in visitor.ledger.pages.items()
            if page.version != final[document]
        ]

    def apart(self, visitors: Iterable[Visitor]) -> list[str]:
        """Documents whose pages are not all at one number."""
        places: dict[str, dict[tuple[str, int], str]] = {}
        for visitor in visitors:
            for document, page in visitor.ledger.pages.items():
                places.setdefault(document, {})[page.epoch, page.seq] = visitor.name
        return [f"{document}: {at}" for document, at in sorted(places.items()) if len(at) > 1]

    def unsaid(self, visitors: Sequence[Visitor]) -> list[str]:
        """What was confirmed to a page and nobody saw under that number.

        Where a page had to load a document anew, it may have loaded what it did not see.
        """
        excused = {
            document
            for visitor in visitors
            for document, page in visitor.ledger.pages.items()
            if page.reloads
        }
        said = {each for visitor in visitors for each in visitor.said if each[0] not in excused}
        return [
            f"{document}: {id} was confirmed as {seq} and seen by nobody"
            for document, id, seq in sorted(said - self._seen)
        ]

    def lost(self, known: Mapping[str, Mapping[int, float]], final: Mapping[str, int]) -> list[str]:
        """Commits that were answered, and are not in the database."""
        return [
            f"{document}: version {max(made)} was committed, the row has {final[document]}"
            for document, made in known.items()
            if made and max(made) > final[document]
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
        everywhere = {document for visitor in visitors for document in visitor.wants}
        here = {document: self.who_is_at(document, visitors) for document in everywhere}
        for visitor in visitors:
            tab = visitor.tab
            for document in visitor.wants:
                view = tab.views.get(document) if tab else None
                if view is None:
                    wrong.append(f"{visitor.name} is not at {document}")
                    continue
                if document.endswith(".~"):
                    wrong += [
                        f"{visitor.name} {document}: {each}"
                        for each in _misread(view.summary, here, document[:-1])
                    ]
                seen = {id: user["mode"] for id, user in view.present.items()}
                if seen != here[document] or not view.complete:
                    wrong.append(
                        f"{visitor.name} {document}: ghosts {_minus(seen, here[document])}, "
                        f"missing {_minus(here[document], seen)}, complete {view.complete}; "
                        f"{_said(visitors, document, seen.items() ^ here[document].items())}"
                    )
        return wrong

    def undecided(self, visitors: Iterable[Visitor]) -> list[str]:
        """Documents of which pages show different holders of the right to edit."""
        shown: dict[str, dict[str, Mapping[str, Any] | None]] = {}
        for visitor in visitors:
            for document, view in (visitor.tab.views if visitor.tab else {}).items():
                if document in visitor.wants:
                    shown.setdefault(document, {})[visitor.name] = view.lease
        return self.fences.apart(shown)

    def verdict(self, visitors: Sequence[Visitor]) -> list[str]:
        """Everything that was wrong, at the end."""
        heard = [fault for each in visitors for fault in each.ledger.faults]
        return self.faults + self.fences.faults + heard + self.unsaid(visitors)

    def reloads(self, visitors: Iterable[Visitor]) -> int:
        """Times a page was told to load a document anew."""
        return sum(page.reloads for v in visitors for page in v.ledger.pages.values())

    def codes(self, visitors: Iterable[Visitor]) -> Counter[int | None]:
        """With which codes connections ended."""
        return Counter(code for visitor in visitors for code in visitor.codes)


def _said(visitors: Iterable[Visitor], document: str, odd: Iterable[tuple[str, str]]) -> str:
    """What the pages of these users themselves want, for the report."""
    users = {user for user, _ in odd}
    return "; ".join(
        f"{v.name} ({v.tab.connection if v.tab else 'no connection'} at {v.at}) "
        f"wants {v.wants.get(document)}, was told {v.told.get(document)}"
        for v in visitors
        if v.user in users
    )


def _minus(some: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    return {user: mode for user, mode in some.items() if others.get(user) != mode}


def _misread(
    summary: Mapping[str, Mapping[str, Any]], here: Mapping[str, Mapping[str, str]], prefix: str
) -> list[str]:
    """What a list shows that is not so: each member with its counts, and up to five of its users,
    editors first."""
    members = {
        document: users
        for document, users in here.items()
        if users and document.startswith(prefix) and not document.endswith(".~")
    }
    wrong = [f"shows {document}, where nobody is" for document in summary.keys() - members.keys()]
    for document, users in members.items():
        row = summary.get(document)
        modes = list(users.values())
        counts = {mode: modes.count(mode) for mode in STRENGTH}
        if row is None or row["counts"] != counts:
            wrong.append(f"shows {row and row['counts']} at {document}, there are {counts}")
            continue
        shown = {user["id"]: user["mode"] for user in row["users"]}
        strongest = sorted(modes, key=STRENGTH.__getitem__, reverse=True)[:SUMMARY_USERS]
        if _minus(shown, users) or list(shown.values()) != strongest:
            wrong.append(f"shows {shown} at {document}, of {users}")
    return wrong
