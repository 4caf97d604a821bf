"""A room, asked and told."""

from __future__ import annotations

from typing import Any

from gateway.effects import Ask, Effect
from gateway.room import Room
from schemas.presence import Position
from tests.unit.gateway.making import (
    DOC,
    NOW,
    answer,
    seat,
)

REQUEST_MS = 10_000


class Told:
    """A room with a counter for its questions."""

    def __init__(self, room: Room[str] | None = None) -> None:
        self.room = room or Room(DOC, lambda peer, size: True)
        self.asked = 0

    def join(
        self, name: str, since: Position | None = None, *, now: int = NOW, id: int | None = None
    ) -> list[Effect[str]]:
        joined = self.room.join(seat(f"c.{name}", name), name, id, since, None, now)
        return [*joined, *self.tick(now)]

    def tick(self, now: int) -> list[Effect[str]]:
        self.asked += 1
        return self.room.tick(now, self.asked, REQUEST_MS)

    def answer(self, said: Any, *, generation: int = 1, now: int = NOW) -> list[Effect[str]]:
        return self.room.answer(generation, said, [], now)


def asks(effects: list[Effect[str]]) -> list[Ask]:
    return [effect for effect in effects if isinstance(effect, Ask)]


def live(seq: int = 0, *names: str) -> Told:
    """A room at ``seq`` with these sockets."""
    told = Told()
    for name in names or ("leela",):
        told.join(name)
    told.answer(answer(1, seq))
    return told
