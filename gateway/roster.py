"""Who is at one document: the gateway's copy, for all its sockets there. Pure.

The hub counts its presences (``v``) within a generation; we count ours, one by one, whatever
happens on the bus, so that a browser needs to compare nothing but neighbours.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw

from schemas.errors import MalformedMessage
from schemas.messages import PresenceNow, UserNow
from schemas.presence import Counts, Lease, Presence, User

EARLY: Final = 64
"""Presences held while an earlier one is missing."""

_PRESENCE: Final = msgspec.json.Decoder(Presence)


class Roster:
    """A document's presence. Until the first whole one, ``known`` is false."""

    __slots__ = ("_complete", "_counts", "_early", "_hub", "_lease", "_users", "behind", "v")

    def __init__(self) -> None:
        self.v = 0
        """Our own count; the ``v`` of the last frame."""
        self.behind = False
        """Whether something is missing and must be asked for."""
        self._hub: tuple[int, int] = (0, 0)
        self._users: dict[str, User] = {}
        self._counts = Counts(0, 0)
        self._complete = False
        self._lease: Lease | None = None
        self._early: dict[tuple[int, int], Presence] = {}

    @property
    def known(self) -> bool:
        """Whether there was a whole one."""
        return self._hub != (0, 0)

    @property
    def at(self) -> tuple[int, int]:
        """Generation and ``v`` of the hub's that we have; (0, 0) before the first whole one."""
        return self._hub

    def heard(self, generation: int, v: int, said: Presence) -> list[Presence]:
        """A presence came from the hub: what to tell our sockets, in order."""
        at = (generation, v)
        if at <= self._hub:
            return []
        if said.full:
            return [self._put(at, said), *self._held()]
        if self.known and at == (self._hub[0], self._hub[1] + 1):
            return [self._put(at, said), *self._held()]
        self.behind = True
        if len(self._early) < EARLY:
            self._early[at] = said
        return []

    def answered(self, generation: int, now: PresenceNow) -> list[Presence]:
        """The hub told the whole when asked: what to tell our sockets."""
        at = (generation, now.v)
        known = self.known
        self.behind = False
        if known and at <= self._hub:
            return self._held()
        if known and not now.v and not now.complete:
            # A new owner that waits for other gateways' seats: our copy knows more. What it tells
            # when it knows is whole.
            return []
        users = [_user(user) for user in now.users]
        counts = Counts(now.reading, now.editing)
        told = self._put(at, Presence(0, True, users, [], counts, now.complete, now.lease))
        return [told, *self._held()]

    def whole(self) -> Presence:
        """Everybody, under the ``v`` of the last frame."""
        return Presence(
            self.v, True, list(self._users.values()), [], self._counts, self._complete, self._lease
        )

    def _put(self, at: tuple[int, int], said: Presence) -> Presence:
        if said.full:
            self._users = {}
        for user in said.users:
            # Copied: a Raw would keep the whole body it was cut out of.
            self._users[user.id] = User(
                user.id, user.name, user.info.copy(), user.mode, user.state.copy()
            )
        for gone in said.left:
            self._users.pop(gone, None)
        self._counts, self._complete, self._lease = said.counts, said.complete, said.lease
        self._hub = at
        self.behind = False
        self.v += 1
        return Presence(
            self.v, said.full, said.users, said.left, said.counts, said.complete, said.lease
        )

    def _held(self) -> list[Presence]:
        told = []
        while (early := self._early.pop((self._hub[0], self._hub[1] + 1), None)) is not None:
            told.append(self._put((self._hub[0], self._hub[1] + 1), early))
        for at in [at for at in self._early if at <= self._hub]:
            del self._early[at]
        self.behind = bool(self._early)
        return told


def _user(user: UserNow) -> User:
    return User(user.id, user.name, Raw(user.info), user.mode, Raw(user.state))


def read_presence(body: bytes) -> Presence:
    """A presence out of its frame.

    Raises:
        MalformedMessage: It is none.
    """
    try:
        return _PRESENCE.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedMessage(f"no presence: {error}", len(body)) from None
