from __future__ import annotations

from gateway.seats import SUCCESSOR_MS
from schemas import messages
from schemas.ids import ConnectionId
from schemas.messages import AskAct, AwayAct, Connected, Disconnected, JoinAct, LeaveAct
from tests.unit.gateway.making import DOC, NOW
from tests.unit.gateway.sockets import Fake, switchboard, told, welcomed


async def test_a_life_begins_and_ends_once() -> None:
    board = switchboard()
    fake = welcomed(board, "leela", client={"name": "web"})
    assert board.users == {"leela": 1}
    board.gone(fake.socket, 1001, "closed", NOW + 5)
    assert board.users == {}
    assert board.sockets == {}
    begun, ended = (messages.read_life(message.body) for message in board.outbox.take(NOW))
    assert isinstance(begun, Connected)
    assert isinstance(ended, Disconnected)
    assert (begun.user, begun.agent, begun.client) == ("leela", "test", {"name": "web"})
    assert (ended.code, ended.cause, ended.duration_ms) == (1001, "closed", 5)


async def test_who_never_said_hello_has_no_life() -> None:
    board = switchboard()
    fake = Fake(board)
    board.gone(fake.socket, 1006, "lost", NOW)
    assert board.outbox.take(NOW) == []


async def test_connections_of_a_user_are_counted() -> None:
    board = switchboard(connections_per_user=1)
    assert board.admits("leela")
    fake = welcomed(board, "leela")
    assert not board.admits("leela")
    assert board.admits("fry")
    board.gone(fake.socket, 1000, "closed", NOW)
    assert board.admits("leela")


async def test_a_join_and_its_question_leave_together() -> None:
    board = switchboard()
    welcomed(board).says("join", id=1, document=DOC)
    assert [type(act) for act in told(board)] == [JoinAct, AskAct]


async def test_the_grace_depends_on_the_end() -> None:
    for code, cause, grace in (
        (1000, "closed", 2_000),
        (1001, "closed", 2_000),
        (1006, "lost", 10_000),
    ):
        board = switchboard()
        fake = welcomed(board)
        fake.says("join", document=DOC)
        board.gone(fake.socket, code, cause, NOW)
        assert [type(act) for act in told(board)] == [JoinAct, AskAct, AwayAct]
        board.tick(NOW + grace - 1)
        assert told(board) == []
        board.tick(NOW + grace)
        assert told(board) == [LeaveAct(connection="c.leela", cause=cause)]


async def test_a_successor_s_join_ends_the_old_seat_in_the_same_message() -> None:
    board = switchboard()
    old = welcomed(board, name="old")
    old.says("join", document=DOC)
    board.gone(old.socket, 1001, "closed", NOW)
    told(board)
    new = welcomed(board, name="new", previous="c.old")
    new.says("join", document=DOC)
    join, leave = told(board)
    assert isinstance(join, JoinAct)
    assert join.previous == "c.old"
    assert leave == LeaveAct(connection="c.old", cause="moved")


async def test_a_duplicated_tab_ends_no_seat_that_is_given_up_later() -> None:
    board = switchboard()
    first = welcomed(board, name="first")
    first.says("join", document=DOC)
    second = welcomed(board, name="second", previous="c.first")
    told(board)
    later = NOW + SUCCESSOR_MS + 1
    board.gone(first.socket, 1006, "lost", later)
    told(board)
    second.says("join", document=DOC, now=later)
    join, *others = told(board)
    assert isinstance(join, JoinAct)
    assert join.previous is None
    assert LeaveAct not in map(type, others)


async def test_a_successor_of_somebody_else_s_is_announced() -> None:
    board = switchboard()
    welcomed(board, previous="c.elsewhere")
    control = [m for m in board.outbox.take(NOW) if m.exchange == "hub.control"]
    (said,) = (messages.read_control(message.body) for message in control)
    assert said == messages.Succeeded(previous="c.elsewhere", user="leela", connection="c.leela")
    assert not board.succeeded(ConnectionId("c.elsewhere"), "leela", NOW)


async def test_a_join_nobody_answers_ends_with_an_error_and_without_a_seat() -> None:
    board = switchboard()
    fake = welcomed(board)
    fake.says("join", id=7, document=DOC)
    told(board)
    board.tick(NOW + 10_000)
    error = fake.frames()[-1]
    assert (error["id"], error["code"]) == (7, "unavailable")
    assert LeaveAct(connection="c.leela", cause="left") in told(board)
    fake.says("sync", document=DOC)
    assert fake.frames()[-1]["code"] == "not_joined"


async def test_a_join_left_before_its_answer_is_answered_all_the_same() -> None:
    board = switchboard()
    leela = welcomed(board)
    leela.says("join", id=1, document=DOC)
    leela.says("leave", id=2, document=DOC)
    assert [(f["type"], f["id"], f.get("code")) for f in leela.frames()[1:]] == [
        ("error", 1, "not_joined"),
        ("ok", 2, None),
    ]


async def test_sweeping_pings() -> None:
    board = switchboard()
    fake = welcomed(board)
    board.sweep(NOW + 25_000)
    assert fake.frames()[-1] == {"type": "ping"}
    board.sweep(NOW + 35_000)
    assert fake.socket.closing == 4001
