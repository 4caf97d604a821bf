from __future__ import annotations

from gateway.switchboard import Switchboard
from schemas import ids
from schemas.messages import (
    Done,
    JoinAct,
    LeaseLost,
    Refused,
    Seats,
    SendAct,
    UpdateAct,
    read_to_shard,
)
from tests.unit.gateway.making import DOC, NOW, answer
from tests.unit.gateway.sockets import Fake, switchboard, told, welcomed

SLOT = ids.slot_of(DOC)


def seated() -> Fake:
    board = switchboard()
    fake = welcomed(board)
    fake.says("join", document=DOC)
    board.do(board.rooms.answer(SLOT, 1, answer(1, 5), NOW), NOW)
    told(board)
    return fake


def mode(fake: Fake) -> str:
    assert fake.board is not None
    seat = fake.board.rooms.seat(DOC, fake.socket.session.connection)
    assert seat is not None
    return seat.mode


async def test_an_update_without_an_id_asks_for_no_answer() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", document=DOC, mode="editing")
    (act,) = told(fake.board)
    assert isinstance(act, UpdateAct)
    assert act.request is None
    assert mode(fake) == "editing"


async def test_a_lease_changes_the_seat_when_it_is_granted() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    (act,) = told(fake.board)
    assert isinstance(act, UpdateAct)
    assert mode(fake) == "reading"
    fake.board.errands.done(Done(request=act.request or 0, document=DOC, fence=9))
    assert mode(fake) == "editing"
    assert fake.frames()[-1] == {"type": "ok", "id": 1, "document": DOC, "fence": 9}


async def test_a_later_change_is_not_undone_by_an_earlier_grant() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    fake.says("update", document=DOC, mode="watching")
    fake.board.errands.done(Done(request=1, document=DOC, fence=9))
    assert mode(fake) == "watching"


async def test_a_later_join_is_not_undone_by_an_earlier_grant() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    fake.says("join", id=2, document=DOC, mode="reading")
    fake.board.errands.done(Done(request=1, document=DOC, fence=9))
    assert mode(fake) == "reading"
    fake.says("update", id=3, document=DOC, mode="editing")
    assert mode(fake) == "editing"


def rolled(board: Switchboard) -> list[str]:
    """The modes told by rolls."""
    said = (read_to_shard(m.body) for m in board.outbox.take(NOW) if m.key.startswith(":"))
    return [seat.mode for one in said if isinstance(one, Seats) for seat in one.seats]


async def test_a_grant_that_a_roll_overtook_is_told_again() -> None:
    fake = seated()
    board = fake.board
    assert board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    board.outbox.roll(SLOT)
    assert rolled(board) == ["reading"]
    board.errands.done(Done(request=1, document=DOC, fence=9))
    assert rolled(board) == ["editing"]
    fake.says("update", id=2, document=DOC, mode="editing", lease=True)
    board.errands.done(Done(request=2, document=DOC, fence=9))
    assert rolled(board) == []


async def test_a_refusal_is_told_with_who_is_in_the_way() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    said = Refused(request=1, document=DOC, code="locked", message="no", by="fry", by_name="Fry")
    fake.board.errands.refused(said)
    fake.board.errands.refused(said)
    assert mode(fake) == "reading"
    errors = [frame for frame in fake.frames() if frame["type"] == "error"]
    assert [(e["code"], e["by"]) for e in errors] == [("locked", {"id": "fry", "name": "Fry"})]


async def test_a_code_of_a_newer_hub_is_temporary() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("send", id=1, document=DOC, event={"type": "said"})
    fake.board.errands.refused(Refused(request=1, document=DOC, code="new", message="?"))
    assert (fake.frames()[-1]["code"], fake.frames()[-1]["temporary"]) == ("unavailable", True)


async def test_an_event_is_asked_for_only_when_somebody_waits() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("send", document=DOC, event={"type": "said"}, ephemeral=True)
    fake.says("send", id=1, document=DOC, event={"type": "said"})
    acts = [act for act in told(fake.board) if isinstance(act, SendAct)]
    assert [(act.ephemeral, act.request) for act in acts] == [(True, None), (False, 1)]
    fake.board.errands.done(Done(request=1, document=DOC, seq=6))
    assert fake.frames()[-1] == {"type": "ok", "id": 1, "document": DOC, "seq": 6}


async def test_what_nobody_answers_is_a_timeout() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("send", id=1, document=DOC, event={"type": "said"})
    fake.board.tick(NOW + 10_000)
    assert fake.frames()[-1]["type"] == "joined"
    fake.board.tick(NOW + 10_001)
    assert (fake.frames()[-1]["code"], fake.frames()[-1]["id"]) == ("timeout", 1)


async def test_a_lost_broker_ends_all_waiting() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("send", id=1, document=DOC, event={"type": "said"})
    fake.board.errands.lost()
    assert fake.frames()[-1]["code"] == "timeout"


async def test_while_the_broker_is_away() -> None:
    fake = seated()
    assert fake.board is not None
    fake.board.outbox.lost()
    for sent in (
        {"type": "send", "document": DOC, "event": {"type": "said"}},
        {"type": "update", "id": 1, "document": DOC, "mode": "editing"},
        {"type": "update", "document": DOC, "lease": True},
    ):
        fake.says(**sent)
        assert (fake.frames()[-1]["code"], fake.frames()[-1]["temporary"]) == ("unavailable", True)
    assert mode(fake) == "reading"
    fake.says("update", document=DOC, mode="editing")
    assert mode(fake) == "editing"


async def test_a_lost_lease_is_told_to_its_seat() -> None:
    fake = seated()
    assert fake.board is not None
    for connection in ("c.leela", "c.nobody"):
        lost = LeaseLost(document=DOC, connection=connection, reason="expired")
        fake.board.errands.lease_lost(lost)
    leases = [frame for frame in fake.frames() if frame["type"] == "lease"]
    assert leases == [{"type": "lease", "document": DOC, "lost": "expired"}]


# --- what the gateway knows of a lease --------------------------------------------------


def holding(fence: int = 9) -> Fake:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    fake.board.errands.done(Done(request=1, document=DOC, fence=fence))
    told(fake.board)
    return fake


def account(fake: Fake) -> int | None:
    """What a roll says that the seat holds."""
    assert fake.board is not None
    _, (seat,) = fake.board.rooms.seats(SLOT)
    return seat.lease


def loses(fake: Fake, fence: int) -> list[dict[str, object]]:
    assert fake.board is not None
    before = len(fake.frames())
    lost = LeaseLost(document=DOC, connection="c.leela", reason="taken", fence=fence)
    fake.board.errands.lease_lost(lost)
    return fake.frames()[before:]


async def test_a_roll_says_what_a_seat_holds() -> None:
    assert account(seated()) is None
    fake = holding()
    assert account(fake) == 9
    fake.says("join", id=2, document=DOC, mode="editing")
    assert account(fake) == 9
    fake.says("update", id=3, document=DOC, lease=True)
    assert account(fake) == 9
    fake.says("update", id=4, document=DOC, mode="reading", lease=False)
    assert account(fake) == 0
    fake.says("update", id=5, document=DOC, lease=True)
    assert account(fake) is None


async def test_a_grant_after_it_was_given_up_is_not_held() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, lease=True)
    fake.says("update", id=2, document=DOC, lease=False)
    fake.board.errands.done(Done(request=1, document=DOC, fence=9))
    assert account(fake) == 0


async def test_a_lost_lease_is_told_once_and_an_older_one_never() -> None:
    fake = holding()
    assert loses(fake, 8) == []
    assert account(fake) == 9
    assert loses(fake, 9) == [{"type": "lease", "document": DOC, "lost": "taken", "fence": 9}]
    assert account(fake) == 0
    assert loses(fake, 9) == []
    assert loses(holding(), 0) == [{"type": "lease", "document": DOC, "lost": "taken"}]


async def test_a_refusal_says_that_the_seat_holds_nothing() -> None:
    fake = holding()
    assert fake.board is not None
    for code, holds in (("unavailable", 9), ("locked", 0)):
        fake.says("update", id=2, document=DOC, lease=True)
        number = fake.board.errands.next - 1
        fake.board.errands.refused(Refused(request=number, document=DOC, code=code, message="no"))
        assert account(fake) == holds


async def test_a_lease_that_nobody_answered_for_is_given_up() -> None:
    fake = seated()
    assert fake.board is not None
    fake.says("update", id=1, document=DOC, mode="editing", lease=True)
    told(fake.board)
    fake.board.tick(NOW + 10_001)
    assert fake.frames()[-1]["code"] == "timeout"
    (act,) = told(fake.board)
    assert isinstance(act, UpdateAct)
    assert (act.lease, act.mode) == (False, None)
    assert account(fake) == 0
    fake.says("update", id=2, document=DOC, lease=True)
    fake.board.errands.lost()
    assert account(fake) == 0


async def test_rights_that_end_while_the_broker_is_away_end_the_lease_in_the_next_roll() -> None:
    fake = holding()
    assert fake.board is not None
    fake.board.outbox.lost()
    fake.says("update", document=DOC, mode="reading", lease=False)
    assert account(fake) == 0


async def test_a_page_that_comes_back_says_what_it_holds() -> None:
    board = switchboard()
    fake = welcomed(board)
    fake.says("join", document=DOC, lease=9)
    act = next(act for act in told(board) if isinstance(act, JoinAct))
    assert act.lease == 9
    assert account(fake) == 9
    before = len(fake.frames())
    lost = LeaseLost(document=DOC, connection="c.leela", reason="expired", fence=9)
    board.errands.lease_lost(lost)
    assert fake.frames()[before:][0]["lost"] == "expired"
