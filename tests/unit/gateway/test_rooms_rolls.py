from __future__ import annotations

from typing import Any

import pytest

from gateway.room import Room
from gateway.rooms import Rooms
from schemas import ids
from schemas.ids import SLOTS
from tests.unit.gateway.making import DOC, NOW, seat


def test_every_room_is_told_of_in_its_slot_only() -> None:
    rooms: Rooms[str] = Rooms()
    documents = [ids.parse_document(f"page.{n}") for n in range(50)]
    for document in documents:
        rooms.join(document, seat("c.1"), "leela", now=NOW)
    for slot in range(SLOTS):
        of_slot = [d for d in documents if ids.slot_of(d) == slot]
        assert [told.document for told in rooms.seats(slot)[1]] == of_slot
    for document in documents:
        rooms.leave(document, seat("c.1").connection, NOW)
    assert [rooms.seats(slot) for slot in range(SLOTS)] == [([], [])] * SLOTS


def test_a_storm_of_joins_looks_at_each_of_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody answers, thousands may wait at one document; each new one must not cost a look
    at all the others."""
    looks = 0
    real = Room._verdict

    def counted(room: Room[str], pending: Any, now: int) -> Any:
        nonlocal looks
        looks += 1
        return real(room, pending, now)

    monkeypatch.setattr(Room, "_verdict", counted)
    rooms: Rooms[str] = Rooms()
    for n in range(300):
        rooms.join(DOC, seat(f"c.{n}"), f"peer {n}", now=NOW)
    assert looks <= 2 * 300
