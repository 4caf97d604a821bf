from __future__ import annotations

import pytest

from gateway import rooms as module, seats as seats_module
from gateway.effects import Ask
from gateway.rooms import Rooms
from schemas import ids
from schemas.ids import SLOTS
from tests.unit.gateway.making import NOW, answer, seat


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


def test_a_roll_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLACES", 1)
    monkeypatch.setattr(seats_module, "ROLL_BYTES", 0)
    rooms: Rooms[str] = Rooms()
    for n in range(40):
        document = ids.parse_document(f"page.{n}")
        asking = seat("c.1")
        asking.info = b'{"a":1}'
        (ask,) = rooms.join(document, asking, "leela", now=NOW)
        assert isinstance(ask, Ask)
        rooms.answer(ids.slot_of(document), 1, answer(ask.number, 0, document=document), NOW)
    rolls = [rooms.seats(slot) for slot in range(SLOTS)]
    assert {len(places) for places, _ in rolls} <= {0, 1}
    assert {len(seats) for _, seats in rolls} > {1}
    told = [one for _, seats in rolls for one in seats]
    assert (len(told), {one.info for one in told}) == (40, {b"{}"})
