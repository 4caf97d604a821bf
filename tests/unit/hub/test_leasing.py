from hub.shard import Shard
from schemas.log import Ended, Granted
from schemas.messages import Done, LeaseLost, Refused, Reply, UpdateAct
from tests.unit.hub.builders import DOCUMENT, START, acts, frames, join, leave, seats, shard, turn


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
    assert lost == LeaseLost(document=DOCUMENT, connection="c1", reason="taken")
    assert isinstance(done, Done)
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
