from __future__ import annotations

import pytest

from gateway import rooms as module
from gateway.effects import Ask, Deliver, Effect, Watching
from gateway.rooms import Rooms
from gateway.watched import LOOK_MS
from schemas import frames, ids
from schemas.errors import MalformedMessage
from schemas.ids import SLOTS
from schemas.messages import DocumentNow, Part, Place
from schemas.presence import Position
from tests.unit.gateway.making import (
    DOC,
    E1,
    E2,
    LIST,
    NOW,
    answer,
    event,
    heard,
    marks,
    presence,
    seat,
    user,
)

SLOT, LIST_SLOT = ids.slot_of(DOC), ids.slot_of(LIST)


def joined(rooms: Rooms[str], *names: str, seq: int = 5) -> None:
    for name in names:
        for effect in rooms.join(DOC, seat(f"c.{name}", name), name, now=NOW):
            if isinstance(effect, Ask):
                rooms.answer(SLOT, 1, answer(effect.number, seq), NOW)


def at_list(rooms: Rooms[str], name: str, keys: frozenset[str] | None = None) -> None:
    effects = rooms.join(LIST, seat(f"c.{name}", name, "watching"), name, keys=keys, now=NOW)
    for slot in range(SLOTS):
        full = Part(collection="article", v=1, full=True, complete=True, documents=[])
        rooms.part(slot, 1, full, NOW)
    for effect in effects:
        if isinstance(effect, Ask):
            rooms.answer(LIST_SLOT, 1, answer(effect.number, 0, document=LIST), NOW)


def sent(rooms: Rooms[str], seq: int, *, generation: int = 1) -> list[Effect[str]]:
    return rooms.hear(marks("event", seq, generation=generation), event(seq), NOW)


def test_a_join_asks_and_events_follow() -> None:
    rooms: Rooms[str] = Rooms()
    assert rooms.join(DOC, seat("c.1"), "leela", now=NOW) == [Ask(DOC, 1, None)]
    (frame,) = heard(rooms.answer(SLOT, 1, answer(1, 5), NOW), "leela")
    assert frame["type"] == "joined"
    assert [frame["seq"] for frame in heard(sent(rooms, 6), "leela")] == [6]


def test_an_older_ownership_is_not_heard() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela")
    assert rooms.owned(SLOT, 7)
    assert sent(rooms, 6, generation=6) == []
    assert rooms.answer(SLOT, 6, answer(0, 9, since=5), NOW) == []
    assert (
        rooms.part(SLOT, 6, Part(collection="a", v=1, full=True, complete=True, documents=[]), 0)
        == []
    )
    assert not rooms.owned(SLOT, 6)
    assert len(sent(rooms, 6, generation=7)) == 1
    assert rooms.owned((SLOT + 1) % SLOTS, 1)


def test_what_is_for_nobody_here_is_nothing() -> None:
    rooms: Rooms[str] = Rooms()
    assert sent(rooms, 1) == []
    assert rooms.answer(SLOT, 1, answer(9, 1), NOW) == []
    assert rooms.hear(marks("presence", 1, v=3), b"no JSON", NOW) == []
    assert rooms.leave(DOC, seat("c.1").connection, NOW) == (None, [])
    assert rooms.detach(DOC, seat("c.1").connection) is None
    assert rooms.whole(DOC, seat("c.1").connection) == []


def test_a_presence_that_is_none_is_an_error() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela")
    with pytest.raises(MalformedMessage):
        rooms.hear(marks("presence", 1, v=3), b"no JSON", NOW)


def test_an_ephemeral_event_is_passed_on_at_once() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela")
    body = frames.event_frame(DOC, None, b"{}")
    assert rooms.hear(marks("event", 0), body, NOW) == [Deliver(["leela"], body)]


def test_a_reset_is_passed_on() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela")
    (frame,) = heard(rooms.hear(marks("reset", 0, epoch=E2), b"", NOW), "leela")
    assert (frame["type"], frame["epoch"]) == ("reset", E2)


def test_the_first_at_a_list_watches_and_a_while_after_the_last_it_ends() -> None:
    rooms: Rooms[str] = Rooms()
    effects = rooms.join(LIST, seat("c.1"), "leela", now=NOW)
    assert effects[0] == Watching("article", True)
    assert Watching("article", True) not in rooms.join(LIST, seat("c.2"), "fry", now=NOW)
    assert rooms.watched() == ["article"]
    rooms.leave(LIST, seat("c.1").connection, NOW)
    _, effects = rooms.leave(LIST, seat("c.2").connection, NOW)
    assert effects == []
    again = rooms.join(LIST, seat("c.3"), "leela", now=NOW)
    assert [effect for effect in again if isinstance(effect, Watching)] == []
    assert rooms.sweep(NOW + LOOK_MS) == []
    rooms.leave(LIST, seat("c.3").connection, NOW)
    assert rooms.watched() == ["article"]
    assert rooms.sweep(NOW + LOOK_MS) == [Watching("article", False)]
    assert rooms.watched() == []


def test_a_member_s_event_comes_once_to_whoever_is_at_both() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela", "fry")
    for name in ("leela", "zoidberg"):
        at_list(rooms, name)
    effects = sent(rooms, 6)
    for name in ("leela", "fry", "zoidberg"):
        assert len(heard(effects, name)) == 1, name


def test_a_list_hears_members_nobody_sits_at_once_and_in_order() -> None:
    rooms: Rooms[str] = Rooms()
    at_list(rooms, "zoidberg")
    at_list(rooms, "hermes", frozenset({"41"}))
    assert len(heard(sent(rooms, 6), "zoidberg")) == 1
    assert heard(sent(rooms, 6), "zoidberg") == []
    assert heard(sent(rooms, 8), "zoidberg") == []
    assert [f["seq"] for f in heard(sent(rooms, 7), "zoidberg")] == [7, 8]
    assert heard(sent(rooms, 9), "hermes") == []


def test_a_member_keeps_its_position_when_its_last_seat_ends() -> None:
    rooms: Rooms[str] = Rooms()
    at_list(rooms, "zoidberg")
    joined(rooms, "leela")
    rooms.leave(DOC, seat("c.leela").connection, NOW)
    assert Place(DOC, E1, 5, reached=1) in rooms.seats(SLOT)[0]
    assert heard(sent(rooms, 5), "zoidberg") == []
    assert len(heard(sent(rooms, 6), "zoidberg")) == 1


def test_members_are_forgotten_with_their_list_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMBERS", 2)
    rooms: Rooms[str] = Rooms()
    at_list(rooms, "zoidberg")
    documents = [ids.parse_document(f"article.{n}") for n in range(3)]
    for document in documents:
        rooms.hear(marks("event", 1, document=document), event(1, document), NOW)
    places = [place.document for slot in range(SLOTS) for place in rooms.seats(slot)[0]]
    assert sorted(places) == [documents[1], documents[2], LIST]
    rooms.leave(LIST, seat("c.zoidberg").connection, NOW)
    rooms.sweep(NOW + LOOK_MS)
    assert [rooms.seats(slot)[0] for slot in range(SLOTS)] == [[]] * SLOTS


def test_a_part_is_told_at_the_end_of_the_turn() -> None:
    rooms: Rooms[str] = Rooms()
    at_list(rooms, "zoidberg")
    now = DocumentNow(DOC, [user("leela")], 1, 0)
    part = Part(collection="article", v=2, full=False, complete=True, documents=[now])
    assert rooms.part(0, 1, part, NOW) == []
    (frame,) = heard(rooms.tell(), "zoidberg")
    assert frame["documents"][0]["document"] == DOC
    late = Part(collection="article", v=9, full=False, complete=True, documents=[])
    assert rooms.part(0, 1, late, NOW) == [Watching("article", True, 0)]


def test_a_list_is_joined_by_its_last_part() -> None:
    rooms: Rooms[str] = Rooms()
    effects = rooms.join(LIST, seat("c.1"), "leela", now=NOW)
    (ask,) = (effect for effect in effects if isinstance(effect, Ask))
    rooms.answer(LIST_SLOT, 1, answer(ask.number, 0, document=LIST), NOW)
    for slot in range(SLOTS):
        assert rooms.peer(LIST, seat("c.1").connection) is None
        full = Part(collection="article", v=1, full=True, complete=True, documents=[])
        told = rooms.part(slot, 1, full, NOW)
    assert [frame["type"] for frame in heard(told, "leela")] == ["joined"]


def test_what_the_hub_must_know_of_a_slot() -> None:
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela", "fry")
    gone = rooms.detach(DOC, seat("c.fry").connection)
    assert gone is not None
    places, seats = rooms.seats(SLOT)
    assert places == [Place(DOC, E1, 5, generation=1, v=1, reached=1)]
    assert [(s.connection, s.user, s.away) for s in seats] == [
        ("c.leela", "leela", False),
        ("c.fry", "fry", True),
    ]
    assert rooms.seats((SLOT + 1) % SLOTS) == ([], [])


def test_a_socket_is_told_the_whole() -> None:
    rooms: Rooms[str] = Rooms()
    at_list(rooms, "leela")
    types = [frame.split(b'"')[3] for frame in rooms.whole(LIST, seat("c.leela").connection)]
    assert types == [b"presence", b"summary"]
    assert rooms.whole(LIST, seat("c.fry").connection) == []


def test_a_look_over_http_watches_for_a_while() -> None:
    rooms: Rooms[str] = Rooms()
    collection, effects = rooms.look("article", NOW)
    assert effects == [Watching("article", True)]
    assert rooms.look("article", NOW + 1)[1] == []
    assert not collection.complete
    assert rooms.sweep(NOW + LOOK_MS) == []
    assert rooms.sweep(NOW + LOOK_MS + 1) == [Watching("article", False)]
    assert rooms.watched() == []


def test_a_look_does_not_end_what_somebody_watches() -> None:
    rooms: Rooms[str] = Rooms()
    rooms.look("article", NOW)
    at_list(rooms, "leela")
    assert rooms.sweep(NOW + LOOK_MS) == []
    assert rooms.watched() == ["article"]
    _, effects = rooms.leave(LIST, seat("c.leela").connection, NOW + LOOK_MS)
    assert effects == []
    assert rooms.sweep(NOW + 2 * LOOK_MS) == [Watching("article", False)]


def test_somebody_leaving_does_not_end_a_look() -> None:
    rooms: Rooms[str] = Rooms()
    rooms.look("article", NOW)
    at_list(rooms, "leela")
    assert rooms.leave(LIST, seat("c.leela").connection, NOW)[1] == []
    assert rooms.watched() == ["article"]


def test_what_is_kept_for_those_who_come_back_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RINGS_BYTES", 10)
    rooms: Rooms[str] = Rooms()
    joined(rooms, "leela")
    sent(rooms, 6)
    rooms.sweep(NOW)
    (ask,) = rooms.join(DOC, seat("c.fry"), "fry", since=Position(E1, 5), now=NOW)
    assert isinstance(ask, Ask)
    assert len(heard(sent(rooms, 7), "leela")) == 1


def test_time_repeats_questions_and_then_forgets_the_room() -> None:
    rooms: Rooms[str] = Rooms()
    rooms.join(DOC, seat("c.1"), "leela", now=NOW)
    assert rooms.tick(NOW) == []
    assert rooms.tick(NOW + 2_000) == [Ask(DOC, 1, None)]
    rooms.leave(DOC, seat("c.1").connection, NOW)
    assert rooms.tick(NOW + 4_000) == []


def test_presence_of_others_arrives() -> None:
    rooms: Rooms[str] = Rooms()
    (ask,) = rooms.join(DOC, seat("c.1"), "leela", now=NOW)
    assert isinstance(ask, Ask)
    rooms.answer(SLOT, 1, answer(ask.number, 5, now=presence(1, "leela")), NOW)
    body = (
        b'{"type":"presence","document":"article.42","v":2,"full":false,"users":[],"left":["fry"],'
        b'"counts":{"reading":1,"editing":0},"complete":true,"lease":null}'
    )
    (frame,) = heard(rooms.hear(marks("presence", 5, v=2), body, NOW), "leela")
    assert (frame["v"], frame["left"]) == (2, ["fry"])
