"""Who is at one document: seats in, users out. Pure.

A user has as many seats as tabs; they are listed once, with the strongest mode. What changed is
told as the difference from what was told last, so that a thousand joins within a tick are one
message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec

from schemas import limits
from schemas.messages import DocumentNow, PresenceNow, UserNow
from schemas.presence import Counts, Lease, Mode, Presence, User

STRENGTH: Final[dict[Mode, int]] = {"watching": 0, "reading": 1, "editing": 2}


@dataclass(slots=True)
class Seat:
    """One connection at one document.

    Attributes:
        info, state: JSON objects.
        away: Its socket is gone, its gateway keeps it for the grace.
        order: Grows with each change in the shard: of equally strong seats the latest speaks.
    """

    connection: str
    gateway: str
    user: str
    name: str
    info: bytes
    mode: Mode
    state: bytes
    away: bool = False
    order: int = 0

    def says_what(self, other: Seat) -> bool:
        """Whether both would be shown alike."""
        return (self.user, self.name, self.info, self.mode, self.state) == (
            other.user,
            other.name,
            other.info,
            other.mode,
            other.state,
        )


class Room:
    """Everybody at one document.

    Attributes:
        seats: By connection.
        gateways: How many seats each gateway has here.
        shown: What is to be seen of each user who is not merely watching, in order of arrival.
        lease: Who may edit.
        v: Of the last change told; grows within one generation.
        told_at: When, in Unix milliseconds.
    """

    def __init__(self, document: str, v: int = 0) -> None:
        self.document = document
        self.seats: dict[str, Seat] = {}
        self.gateways: dict[str, int] = {}
        self.shown: dict[str, UserNow] = {}
        self.lease: Lease | None = None
        self.v = v
        self.told_at = 0
        self._tabs: dict[str, dict[str, None]] = {}
        self._editors: dict[str, None] = {}
        self._told: _Told | None = None

    # --- seats ------------------------------------------------------------------------

    def put(self, seat: Seat) -> bool:
        """Take a seat or change it. Returns whether there may be something new to see."""
        old = self.seats.get(seat.connection)
        if old is not None and old.says_what(seat):
            seat.order = old.order
        self._count(old.gateway if old else None, seat.gateway)
        self.seats[seat.connection] = seat
        if old is not None and old.order == seat.order:
            return False
        if old is not None and old.user != seat.user:
            self._forget_tab(old)
        self._tabs.setdefault(seat.user, {})[seat.connection] = None
        self._look_at(seat.user)
        return True

    def end(self, connection: str) -> Seat | None:
        """A seat ends. Returns it, if it was there."""
        seat = self.seats.pop(connection, None)
        if seat is not None:
            self._count(seat.gateway, None)
            self._forget_tab(seat)
        return seat

    def _count(self, before: str | None, after: str | None) -> None:
        if before == after:
            return
        if after is not None:
            self.gateways[after] = self.gateways.get(after, 0) + 1
        if before is not None:
            self.gateways[before] -= 1
            if not self.gateways[before]:
                del self.gateways[before]

    def _forget_tab(self, seat: Seat) -> None:
        tabs = self._tabs[seat.user]
        del tabs[seat.connection]
        if not tabs:
            del self._tabs[seat.user]
        self._look_at(seat.user)

    def _look_at(self, user: str) -> None:
        """Work out anew what is to be seen of one user."""
        best: Seat | None = None
        for connection in self._tabs.get(user, ()):
            seat = self.seats[connection]
            if seat.mode != "watching" and (best is None or _rank(seat) > _rank(best)):
                best = seat
        if best is None:
            self.shown.pop(user, None)
        else:
            self.shown[user] = UserNow(user, best.name, best.info, best.mode, best.state)
        if best is not None and best.mode == "editing":
            self._editors[user] = None
        else:
            self._editors.pop(user, None)

    # --- what is seen -----------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """Users, not seats."""
        editing = len(self._editors)
        return Counts(reading=len(self.shown) - editing, editing=editing)

    def listed(self) -> tuple[dict[str, UserNow], bool]:
        """The users to name and whether they are all: above ``limits.PRESENCE_USERS`` only
        editors are named, as many at most."""
        if len(self.shown) <= limits.PRESENCE_USERS:
            return self.shown, True
        editors = islice(self._editors, limits.PRESENCE_USERS)
        return {user: self.shown[user] for user in editors}, False

    def whole(self, *, complete: bool) -> PresenceNow:
        """Everybody, for an answer. ``complete``: every gateway has told its seats."""
        listed, everybody = self.listed()
        counts = self.counts
        return PresenceNow(
            v=self.v,
            users=list(listed.values()),
            reading=counts.reading,
            editing=counts.editing,
            complete=complete and everybody,
            lease=self.lease,
        )

    def change(self, now: int, *, complete: bool) -> Presence | None:
        """What is new since the last call, numbered; ``None`` if nothing. The first is whole."""
        listed, everybody = self.listed()
        after = _Told(dict(listed), everybody, self.counts, self.lease, complete and everybody)
        before, self._told = self._told, after
        full = before is None or before.everybody != everybody
        if before is None or full:
            users, left = list(after.users.values()), []
        else:
            users = [user for key, user in listed.items() if before.users.get(key) != user]
            left = [key for key in before.users if key not in listed]
            if not users and not left and before.rest == after.rest:
                return None
        self.v += 1
        self.told_at = now
        return Presence(
            v=self.v,
            full=full,
            users=[as_user(user) for user in users],
            left=left,
            counts=after.counts,
            complete=after.complete,
            lease=after.lease,
        )

    def summary(self) -> DocumentNow:
        """The document as a collection's list shows it: a few users, editors first."""
        first = dict.fromkeys(islice(self._editors, limits.SUMMARY_USERS))
        if len(first) < limits.SUMMARY_USERS:
            readers = (user for user in self.shown if user not in self._editors)
            first.update(dict.fromkeys(islice(readers, limits.SUMMARY_USERS - len(first))))
        counts = self.counts
        users = [self.shown[user] for user in first]
        return DocumentNow(self.document, users, counts.reading, counts.editing)


@dataclass(frozen=True, slots=True)
class _Told:
    users: dict[str, UserNow]
    everybody: bool
    counts: Counts
    lease: Lease | None
    complete: bool

    @property
    def rest(self) -> tuple[Counts, Lease | None, bool]:
        return self.counts, self.lease, self.complete


def _rank(seat: Seat) -> tuple[int, int]:
    return STRENGTH[seat.mode], seat.order


def as_user(user: UserNow) -> User:
    """The same with its JSON laid open."""
    info, state = msgspec.Raw(user.info), msgspec.Raw(user.state)
    return User(user.id, user.name, info, user.mode, state)


def tick_ms(people: int) -> int:
    """How long changes among so many users are merged: each is told to all of them, so the cost of
    a change grows with the room."""
    return min(max(limits.TICK_MIN_MS, people // 2), limits.TICK_MAX_MS)


def nobody(document: str) -> DocumentNow:
    """A document that is free again, in a summary."""
    return DocumentNow(document, [], 0, 0)


def weight(users: Iterable[UserNow]) -> int:
    """About how many bytes these take on the bus."""
    return sum(60 + len(u.id) + len(u.name) + len(u.info) + len(u.state) for u in users)
