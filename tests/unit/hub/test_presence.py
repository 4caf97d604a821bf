from hub.presence import Room, Seat, as_user, nobody, tick_ms, weight
from schemas import limits
from schemas.messages import UserNow
from schemas.presence import Counts, Lease, Mode

_order = iter(range(1, 10**9))


def seat(
    connection: str, user: str, mode: Mode = "reading", state: bytes = b"{}", gateway: str = "g1"
) -> Seat:
    return Seat(connection, gateway, user, user.title(), b"{}", mode, state, order=next(_order))


def room(*seats: Seat) -> Room:
    it = Room("article.42")
    for one in seats:
        it.put(one)
    return it


def modes(it: Room) -> dict[str, str]:
    return {user.id: user.mode for user in it.whole(complete=True).users}


def test_a_user_with_two_tabs_is_listed_once_with_the_strongest_mode() -> None:
    it = room(seat("c1", "leela", "editing"), seat("c2", "leela"), seat("c3", "fry"))
    assert modes(it) == {"leela": "editing", "fry": "reading"}
    assert it.counts == Counts(reading=1, editing=1)
    it.end("c1")
    assert modes(it) == {"leela": "reading", "fry": "reading"}
    it.end("c2")
    assert modes(it) == {"fry": "reading"}


def test_who_watches_is_not_shown_and_still_seated() -> None:
    it = room(seat("c1", "leela", "watching"))
    assert modes(it) == {}
    assert it.gateways == {"g1": 1}
    it.put(seat("c1", "leela", "reading"))
    assert modes(it) == {"leela": "reading"}


def test_of_equal_seats_the_latest_speaks() -> None:
    it = room(seat("c1", "leela", state=b'{"a":1}'), seat("c2", "leela", state=b'{"a":2}'))
    assert it.whole(complete=True).users[0].state == b'{"a":2}'
    it.put(seat("c1", "leela", state=b'{"a":3}'))
    assert it.whole(complete=True).users[0].state == b'{"a":3}'


def test_telling_the_same_seat_again_changes_nothing() -> None:
    it = room(seat("c1", "leela", state=b'{"a":1}'), seat("c2", "leela", state=b'{"a":2}'))
    assert it.put(seat("c1", "leela", state=b'{"a":1}')) is False
    assert it.whole(complete=True).users[0].state == b'{"a":2}'


def test_a_seat_that_moves_to_another_gateway_counts_there() -> None:
    it = room(seat("c1", "leela", gateway="g1"))
    it.put(seat("c1", "leela", gateway="g2"))
    assert it.gateways == {"g2": 1}
    assert it.end("c1") is not None
    assert it.gateways == {}
    assert it.end("c1") is None


def test_a_connection_that_changes_its_user_shows_the_new_one_only() -> None:
    it = room(seat("c1", "leela"))
    it.put(seat("c1", "fry"))
    assert modes(it) == {"fry": "reading"}


def test_the_first_change_is_whole_the_next_ones_are_what_differs() -> None:
    it = room(seat("c1", "leela"))
    first = it.change(10, complete=True)
    assert first is not None
    assert (first.v, first.full, [user.id for user in first.users]) == (1, True, ["leela"])
    assert it.change(20, complete=True) is None
    it.put(seat("c2", "fry", "editing"))
    it.end("c1")
    second = it.change(30, complete=True)
    assert second is not None
    assert (second.v, second.full, second.left) == (2, False, ["leela"])
    assert [user.id for user in second.users] == ["fry"]
    assert it.told_at == 30


def test_who_came_and_went_between_two_changes_is_not_told() -> None:
    it = room(seat("c1", "leela"))
    it.change(0, complete=True)
    it.put(seat("c2", "fry"))
    it.end("c2")
    assert it.change(0, complete=True) is None


def test_a_lease_or_completeness_alone_is_a_change() -> None:
    it = room(seat("c1", "leela"))
    first = it.change(0, complete=False)
    assert first is not None
    assert not first.complete
    it.lease = Lease("leela", 7)
    second = it.change(0, complete=False)
    assert second is not None
    assert second.lease == Lease("leela", 7)
    third = it.change(0, complete=True)
    assert third is not None
    assert third.complete
    assert third.users == []


def test_a_crowd_lists_its_editors_and_counts_the_rest() -> None:
    it = room(*(seat(f"c{n}", f"u{n}") for n in range(limits.PRESENCE_USERS)))
    first = it.change(0, complete=True)
    assert first is not None
    assert (len(first.users), first.complete) == (limits.PRESENCE_USERS, True)
    it.put(seat("e", "editor", "editing"))
    crowd = it.change(0, complete=True)
    assert crowd is not None
    assert (crowd.full, crowd.complete, crowd.left) == (True, False, [])
    assert [user.id for user in crowd.users] == ["editor"]
    assert crowd.counts == Counts(reading=limits.PRESENCE_USERS, editing=1)
    it.end("c0")
    fewer = it.change(0, complete=True)
    assert fewer is not None
    assert (fewer.full, fewer.complete, len(fewer.users)) == (True, True, limits.PRESENCE_USERS)


def test_a_summary_names_a_few_editors_first() -> None:
    it = room(*(seat(f"c{n}", f"u{n}") for n in range(9)), seat("e", "editor", "editing"))
    summary = it.summary()
    assert [user.id for user in summary.users] == ["editor", "u0", "u1", "u2", "u3"]
    assert (summary.reading, summary.editing) == (9, 1)
    assert nobody("a.1").users == []


def test_ticks_grow_with_the_room_within_bounds() -> None:
    assert tick_ms(1) == limits.TICK_MIN_MS
    assert tick_ms(100) == 50
    assert tick_ms(5000) == limits.TICK_MAX_MS


def test_a_user_with_its_json_laid_open() -> None:
    user = UserNow("u", "U", b'{"c":1}', "reading", b"{}")
    assert bytes(as_user(user).info) == b'{"c":1}'
    assert weight([user]) > len(b'{"c":1}')
