"""What people have on their screens, whichever connection it goes through, and who is calm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from schemas.presence import Mode
from tests.property.models.door import Door
from tests.property.models.tab import Tab, View


@dataclass
class Page:
    """What a user has on a screen, whichever connection it goes through.

    Attributes:
        wanted: The documents it shows, with the mode.
        views: What it knows of them, kept from one connection to the next.
        saying: Events not known to be numbered, repeated on the next connection.
    """

    user: str
    door: Door | None = None
    tab: Tab | None = None
    connection: str = ""
    wanted: dict[str, Mode] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    saying: dict[str, str] = field(default_factory=dict)


class Calm:
    """Who is shown to everybody at a document, and has done nothing since, nor has their gateway
    failed. Nobody may flicker who is calm, whatever the hubs and the broker do."""

    def __init__(self) -> None:
        self._at: dict[str, set[str]] = {}
        self._moved: set[str] = set()

    def at(self, document: str) -> Set[str]:
        return self._at.get(document, set())

    def moves(self, *users: str) -> None:
        """They are calm no more, and not before all has settled."""
        self._moved.update(users)
        for calm in self._at.values():
            calm.difference_update(users)

    def settle(self, screens: Iterable[Mapping[str, View]]) -> None:
        """Some time has passed in peace."""
        shown: dict[str, set[str]] = {}
        for views in screens:
            for document, view in views.items():
                if view.complete:
                    users = set(view.users)
                    shown[document] = shown.get(document, users) & users
        self._at = {document: users - self._moved for document, users in shown.items()}
        self._moved.clear()
