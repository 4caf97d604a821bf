from hub.presence import Seat
from hub.rooms import Rooms


def seat(connection: str, gateway: str = "g1") -> Seat:
    return Seat(connection, gateway, "leela", "Leela", b"{}", "reading", b"{}")


def test_seats_are_found_by_gateway_wherever_they_move() -> None:
    rooms = Rooms()
    rooms.put("a.1", seat("c1"))
    rooms.put("a.2", seat("c1"))
    rooms.put("a.2", seat("c1", "g2"))
    assert rooms.of_gateway("g1") == [("a.1", "c1")]
    assert rooms.of_gateway("g2") == [("a.2", "c1")]
    assert rooms.end("a.1", "c1") is not None
    assert rooms.end("a.1", "c1") is None
    assert rooms.end("a.9", "c1") is None
    assert rooms.of_gateway("g1") == []


def test_only_what_changed_is_dirty() -> None:
    rooms = Rooms()
    assert rooms.put("a.1", seat("c1"))
    room = rooms.get("a.1")
    assert room is not None
    rooms.told(room)
    assert not rooms.put("a.1", seat("c1"))
    assert rooms.dirty == {}
    rooms.touch(room)
    assert list(rooms.dirty) == ["a.1"]


def test_an_empty_room_goes_once_it_was_told_and_the_next_counts_on() -> None:
    rooms = Rooms()
    rooms.put("a.1", seat("c1"))
    room = rooms.get("a.1")
    assert room is not None
    room.change(0, complete=True)
    rooms.end("a.1", "c1")
    assert len(rooms) == 1
    room.change(0, complete=True)
    rooms.told(room)
    assert (len(rooms), rooms.get("a.1"), rooms.v) == (0, None, 2)
    rooms.put("a.1", seat("c1"))
    again = rooms.get("a.1")
    assert again is not None
    change = again.change(0, complete=True)
    assert change is not None
    assert (change.v, change.full) == (3, True)


def test_a_list_is_no_member_of_its_collection() -> None:
    rooms = Rooms()
    for document in ("a.1", "a.~", "b.1", "a.b.1"):
        rooms.put(document, seat("c1"))
    assert [room.document for room in rooms.members("a")] == ["a.1"]
    assert [room.document for room in rooms] == ["a.1", "a.~", "b.1", "a.b.1"]
