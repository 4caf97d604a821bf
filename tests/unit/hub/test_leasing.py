from hub.acts import gateway_gone
from hub.shard import Shard, Turn
from schemas.log import Ended, Granted
from schemas.messages import AwayAct, Done, LeaseLost, Refused, Reply, UpdateAct
from tests.unit.hub.builders import (
    DOCUMENT,
    NEIGHBOURS,
    START,
    acts,
    frames,
    join,
    leave,
    seats,
    shard,
    told,
    turn,
)


def joined(*connections: tuple[str, str]) -> Shard:
    it = shard()
    turn(it, acts(*(join(connection, user) for connection, user in connections)))
    return it


def update(it: Shard, connection: str, now: int = START + 1000, **more: object) -> list[Reply]:
    act = UpdateAct(connection=connection, request=1, **more)  # type: ignore[arg-type]
    return turn(it, acts(act), now=now).replies.get("g1", [])


def test_an_update_changes_what_is_given() -> None:
    it = joined(("c1", "leela"))
    assert update(it, "c1", mode="editing") == [Done(request=1, document=DOCUMENT)]
    assert update(it, "c1", state=b'{"f":1}') == [Done(request=1, document=DOCUMENT)]
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    [user] = room.whole(complete=True).users
    assert (user.mode, user.state) == ("editing", b'{"f":1}')


def test_a_lease_is_granted_once_and_shown() -> None:
    it = joined(("c1", "leela"))
    [done] = update(it, "c1", mode="editing", lease=True)
    assert isinstance(done, Done)
    assert done.fence == START + 1000
    assert update(it, "c1", lease=True) == [done]
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert room.lease is not None
    assert room.lease.fence == done.fence


def test_whoever_is_locked_out_changes_nothing() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    [refused] = update(it, "c2", mode="editing", lease=True)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.by, refused.by_name) == ("locked", "leela", "Leela")
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert room.seats["c2"].mode == "reading"


def test_the_other_tab_takes_it_and_the_first_is_told() -> None:
    it = joined(("c1", "leela"), ("c2", "leela"))
    update(it, "c1", lease=True)
    lost, done = update(it, "c2", lease=True)
    assert lost == LeaseLost(document=DOCUMENT, connection="c1", reason="taken", fence=START + 1000)
    assert isinstance(done, Done)
    assert done.fence == START + 1001
    assert it.book.leases[DOCUMENT].connection == "c2"


def test_it_is_given_back_by_its_holder_only() -> None:
    it = joined(("c1", "leela"))
    [refused] = update(it, "c1", lease=False)
    assert isinstance(refused, Refused)
    assert refused.code == "not_holder"
    update(it, "c1", lease=True)
    assert update(it, "c1", lease=False) == [Done(request=1, document=DOCUMENT)]
    assert it.book.leases == {}


def test_it_ends_with_its_seat() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    result = turn(it, acts(leave("c1")), now=START + 2000)
    [ended] = result.facts
    assert isinstance(ended, Ended)
    assert ended.reason == "left"
    assert frames(result, "presence")[0]["lease"] is None


def test_a_stranger_is_not_joined() -> None:
    it = joined(("c1", "leela"))
    turn(it, seats())
    [refused] = update(it, "c9", mode="editing")
    assert isinstance(refused, Refused)
    assert refused.code == "not_joined"


def test_a_seat_on_its_way_to_a_new_owner() -> None:
    it = shard(settled=False)
    assert update(it, "c1", mode="editing") == [Done(request=1, document=DOCUMENT)]
    [refused] = update(it, "c1", lease=True)
    assert isinstance(refused, Refused)
    assert refused.code == "unavailable"


def test_a_lease_is_a_fact_and_its_fence_only_grows() -> None:
    it = joined(("c1", "leela"))
    act = UpdateAct(connection="c1", lease=True)
    result = turn(it, acts(act), now=START + 5)
    [granted] = result.facts
    assert isinstance(granted, Granted)
    assert result.replies == {}
    turn(it, acts(UpdateAct(connection="c1", lease=False)), now=START + 6)
    [done] = update(it, "c1", now=START - 1000, lease=True)
    assert isinstance(done, Done)
    assert done.fence == granted.fence + 1


def test_a_change_that_gives_up_a_lease_need_not_hold_one() -> None:
    it = joined(("c1", "leela"))
    update(it, "c1", mode="editing")
    assert update(it, "c1", mode="reading", lease=False) == [Done(request=1, document=DOCUMENT)]
    room = it.rooms.get(DOCUMENT)
    assert room is not None
    assert room.seats["c1"].mode == "reading"


# --- the page's next connection ---------------------------------------------------------


def fence_of(it: Shard) -> int:
    return it.book.leases[DOCUMENT].fence


def lost(result: Turn, gateway: str = "g1") -> list[tuple[str, str, int]]:
    replies = result.replies.get(gateway, [])
    return [
        (each.connection, each.reason, each.fence)
        for each in replies
        if isinstance(each, LeaseLost)
    ]


def test_a_lease_goes_on_in_the_pages_next_connection() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    back = acts(join("c3", "leela", lease=fence_of(it)), gateway="g2")
    result = turn(it, back, now=START + 5000)
    [moved] = result.facts
    assert isinstance(moved, Granted)
    assert (moved.connection, moved.fence) == ("c3", START + 1000)
    assert result.replies == {}
    assert not turn(it, acts(leave("c1")), now=START + 9000).facts
    assert it.book.leases[DOCUMENT] == moved
    [refused] = update(it, "c2", lease=True)
    assert isinstance(refused, Refused)


def test_it_goes_on_though_the_old_seat_ends_in_the_same_step() -> None:
    it = joined(("c1", "leela"))
    update(it, "c1", lease=True)
    back = join("c3", "leela", previous="c1", lease=fence_of(it))
    turn(it, acts(AwayAct(connection="c1"), back), now=START + 5000)
    assert it.book.leases[DOCUMENT].connection == "c3"


def test_the_next_page_of_a_tab_has_no_lease() -> None:
    it = joined(("c1", "leela"))
    update(it, "c1", lease=True)
    turn(it, acts(AwayAct(connection="c1"), join("c3", "leela", previous="c1")))
    assert it.book.leases == {}


def test_who_comes_back_too_late_is_told_and_takes_nothing() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    mine = fence_of(it)
    turn(it, acts(leave("c1")))
    update(it, "c2", lease=True)
    held = it.book.leases[DOCUMENT]
    result = turn(it, acts(join("c3", "leela", lease=mine)))
    assert lost(result) == [("c3", "expired", mine)]
    assert not result.facts
    assert it.book.leases[DOCUMENT] == held


def test_another_users_fence_is_of_no_use() -> None:
    it = joined(("c1", "leela"))
    update(it, "c1", lease=True)
    result = turn(it, acts(join("c3", "fry", lease=fence_of(it))))
    assert lost(result) == [("c3", "expired", START + 1000)]
    assert it.book.leases[DOCUMENT].connection == "c1"


def test_a_roll_moves_a_lease_and_tells_of_a_lost_one() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    mine = fence_of(it)
    result = turn(it, seats(told("c3", "leela", lease=mine), told("c2", "fry")))
    assert it.book.leases[DOCUMENT].connection == "c3"
    assert lost(result) == []
    update(it, "c3", lease=False)
    update(it, "c2", lease=True)
    result = turn(it, seats(told("c3", "leela", lease=mine), told("c2", "fry", lease=fence_of(it))))
    assert lost(result) == [("c3", "expired", mine)]
    assert it.book.leases[DOCUMENT].connection == "c2"


def test_an_old_line_that_is_not_known_to_be_dead_takes_no_lease_back() -> None:
    it = joined(("c1", "leela"))
    it.leases_checked = True
    update(it, "c1", lease=True)
    mine = fence_of(it)
    turn(it, acts(join("c3", "leela", lease=mine), gateway="g2"), now=START + 5000)
    result = turn(it, seats(told("c1", "leela", lease=mine)), now=START + 6000)
    assert lost(result) == [("c1", "taken", mine)]
    assert not turn(it, acts(leave("c1")), now=START + 9000).facts
    assert it.book.leases[DOCUMENT].connection == "c3"


def test_nor_does_it_while_a_new_owner_hears_who_is_where() -> None:
    it = shard(settled=False)
    it.settles_by = START + 15_000
    it.book.apply(
        Granted(document=DOCUMENT, connection="c3", user="leela", name="Leela", fence=START)
    )
    turn(it, seats(told("c3", "leela", lease=START), gateway="g2"), now=START + 100)
    result = turn(it, seats(told("c1", "leela", lease=START)), now=START + 200)
    assert lost(result) == [("c1", "taken", START)]
    assert it.book.leases[DOCUMENT].connection == "c3"
    turn(it, now=START + 15_000)
    assert not it.holders


def test_a_lease_that_an_away_seat_holds_is_moved_by_another_gateways_roll() -> None:
    it = joined(("c1", "leela"))
    it.leases_checked = True
    update(it, "c1", lease=True)
    turn(it, acts(AwayAct(connection="c1")))
    result = turn(it, seats(told("c3", "leela", lease=fence_of(it)), gateway="g2"))
    assert lost(result, "g2") == []
    assert it.book.leases[DOCUMENT].connection == "c3"


def test_a_roll_that_claims_a_lease_the_other_tab_took() -> None:
    it = joined(("c1", "leela"), ("c2", "leela"))
    update(it, "c1", lease=True)
    mine = fence_of(it)
    update(it, "c2", lease=True)
    result = turn(it, seats(told("c1", "leela", lease=mine), told("c2", "leela")))
    assert lost(result) == [("c1", "taken", mine)]


def test_a_roll_gives_up_what_its_seat_knows_nothing_of() -> None:
    it = joined(("c1", "leela"))
    update(it, "c1", lease=True)
    turn(it, seats(told("c1", "leela")))
    assert it.book.leases
    result = turn(it, seats(told("c1", "leela", lease=0)), now=START + 5000)
    assert it.book.leases == {}
    assert lost(result) == []
    assert frames(result, "presence")[-1]["lease"] is None


def test_a_gateway_taken_for_dead_hears_what_its_seats_lost() -> None:
    it = joined(("c1", "leela"), ("c2", "fry"))
    update(it, "c1", lease=True)
    mine = fence_of(it)
    gone = Turn(it, START + 20_000)
    gateway_gone(gone, "g1")
    assert it.book.leases == {}
    result = turn(it, seats(told("c1", "leela", lease=mine), told("c2", "fry")), now=START + 30_000)
    assert lost(result) == [("c1", "expired", mine)]


def test_a_new_owner_ends_what_no_gateway_tells_of() -> None:
    it = shard(settled=False)
    it.settles_by = START + 15_000
    for connection in ("c1", "c2"):
        name = DOCUMENT if connection == "c1" else NEIGHBOURS[0]
        granted = Granted(document=name, connection=connection, user="u", name="U", fence=START)
        it.book.apply(granted)
    turn(it, seats(told("c1", "u", lease=START)), now=START + 100)
    assert len(it.book.leases) == 2
    result = turn(it, now=START + 15_000)
    assert [type(fact) for fact in result.facts] == [Ended]
    assert list(it.book.leases) == [DOCUMENT]
