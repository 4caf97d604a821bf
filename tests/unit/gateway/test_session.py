from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.actions import Change, Close, GiveUp, Open
from gateway.session import DEAF, RUBBISH, Phase, Session
from gateway.settings import GatewaySettings
from schemas import limits
from schemas.close import CloseCode
from schemas.ids import ConnectionId
from tests.unit.gateway.making import DOC, HOUR, NOW, frame, opened, rules, said, token


def fresh(**options: Any) -> Session:
    return Session(ConnectionId("c.me"), rules(**options), NOW)


def closed(actions: list[Any]) -> CloseCode | None:
    codes = [action.code for action in actions if isinstance(action, Close)]
    return codes[0] if codes else None


def test_hello_opens_and_is_welcomed() -> None:
    actions = fresh().receive(
        frame("hello", id="0", token=token(name="Leela"), client={"name": "web"}, previous="c.old"),
        NOW,
    )
    (open_, say) = actions
    assert isinstance(open_, Open)
    assert (open_.claims.user, open_.client, open_.previous) == ("leela", {"name": "web"}, "c.old")
    assert said([say]) == [
        {
            "type": "welcome",
            "id": "0",
            "connection": "c.me",
            "user": {"id": "leela", "name": "Leela", "info": {}},
            "ping_ms": 25_000,
            "expires_in_ms": HOUR,
            "limits": {"frame_bytes": 65_536, "data_bytes": 32_768, "documents": 200},
        }
    ]


def test_the_token_may_have_come_with_the_handshake() -> None:
    session = Session(ConnectionId("c.me"), rules(), NOW, bearer=token("fry"))
    session.receive(frame("hello"), NOW)
    assert session.guest is not None
    assert session.guest.claims.user == "fry"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "unauthorized"),
        ("nonsense", "unauthorized"),
        (token(exp=NOW // 1000 - 1), "expired"),
    ],
)
def test_a_bad_token_is_told_why_and_closed_4401(given: str | None, code: str) -> None:
    session = fresh()
    actions = session.receive(frame("hello", id=1, token=given), NOW)
    assert [(f["type"], f["code"], f["id"]) for f in said(actions)] == [("error", code, 1)]
    assert closed(actions) is CloseCode.TOKEN_REFUSED
    assert session.receive(frame("hello", token=token()), NOW) == []


def test_one_connection_too_many_is_closed_4009() -> None:
    actions = fresh(admits=False).receive(frame("hello", token=token()), NOW)
    assert [f["code"] for f in said(actions)] == ["limit"]
    assert closed(actions) is CloseCode.TOO_MANY_CONNECTIONS


def test_nothing_comes_before_hello_and_no_second_one() -> None:
    session = fresh()
    (error,) = said(session.receive(frame("join", id=1, document=DOC), NOW))
    assert (error["code"], error["id"], error["document"]) == ("bad_frame", 1, DOC)
    session.receive(frame("hello", token=token()), NOW)
    (error,) = said(session.receive(frame("hello", id=2, token=token()), NOW))
    assert (error["code"], error["id"]) == ("bad_frame", 2)


def test_no_hello_in_time_is_closed_4002() -> None:
    session = fresh()
    assert session.tick(NOW + limits.HELLO_MS - 1) == []
    assert closed(session.tick(NOW + limits.HELLO_MS)) is CloseCode.NO_HELLO
    assert session.tick(NOW + 2 * limits.HELLO_MS) == []


def test_ping_is_answered_or_closed_4001() -> None:
    session = opened()
    ping_at = NOW + limits.PING_MS
    assert session.tick(ping_at - 1) == []
    assert said(session.tick(ping_at)) == [{"type": "ping"}]
    assert session.tick(ping_at + limits.PONG_MS - 1) == []
    assert session.receive(frame("pong"), ping_at + limits.PONG_MS - 1) == []
    assert session.tick(ping_at + limits.PONG_MS) == []
    assert said(session.tick(ping_at + limits.PING_MS)) == [{"type": "ping"}]
    late = session.tick(ping_at + limits.PING_MS + limits.PONG_MS)
    assert closed(late) is CloseCode.NO_PONG


def test_the_token_s_end_is_told_and_closed_4401() -> None:
    session = opened()
    session.tick(NOW + limits.PING_MS)
    session.receive(frame("pong"), NOW + limits.PING_MS)
    actions = session.tick(NOW + HOUR)
    assert [f["code"] for f in said(actions)] == ["expired"]
    assert closed(actions) is CloseCode.TOKEN_REFUSED


def test_a_token_is_renewed_in_place() -> None:
    session = opened()
    renewed = token(exp=(NOW + 2 * HOUR) // 1000)
    assert said(session.receive(frame("token", id=7, token=renewed), NOW)) == [
        {"type": "ok", "id": 7}
    ]
    assert closed(session.tick(NOW + HOUR)) is None
    assert session.phase is Phase.OPEN


@pytest.mark.parametrize(
    ("given", "code"),
    [(token("fry"), "unauthorized"), ("x", "unauthorized"), (token(exp=1), "expired")],
)
def test_a_bad_renewal_changes_nothing(given: str, code: str) -> None:
    session = opened()
    (error,) = said(session.receive(frame("token", id=7, token=given), NOW))
    assert (error["code"], error["id"]) == (code, 7)
    assert session.phase is Phase.OPEN
    assert session.guest is not None
    assert session.guest.claims.user == "leela"


def test_a_renewal_may_take_rights_away() -> None:
    session = opened()
    session.receive(frame("join", document=DOC, mode="editing"), NOW)
    session.receive(frame("join", document="page.1"), NOW)
    actions = session.receive(frame("token", token=token(docs={"article.*": "read"})), NOW)
    assert Change(DOC, "reading", None, False) in actions
    assert any(isinstance(a, GiveUp) and a.document == "page.1" for a in actions)
    assert [(f["code"], f["document"]) for f in said(actions)] == [("forbidden", "page.1")]
    assert session.guest is not None
    assert session.guest.seats == {DOC: "reading"}


@pytest.mark.parametrize(
    ("text", "code", "id"),
    [
        ("", "bad_frame", None),
        ("[]", "bad_frame", None),
        ("{", "bad_frame", None),
        ('{"type":"join","id":5}', "bad_frame", 5),
        ('{"type":"join","id":5,"document":42}', "bad_frame", 5),
        ('{"type":"join","id":5,"document":"article"}', "bad_frame", 5),
        ('{"type":"join","id":5,"document":"article.42","mode":"sleeping"}', "bad_frame", 5),
        ('{"type":"dance","id":5}', "unknown_type", 5),
        ('{"id":5}', "bad_frame", None),
        ('{"type":"join","document":"article.42","x":"' + "y" * 65_536 + '"}', "too_big", None),
    ],
)
def test_what_is_no_frame_gets_an_answer(text: str, code: str, id: int | None) -> None:
    (error,) = said(opened().receive(text, NOW))
    assert (error["type"], error["code"], error.get("id")) == ("error", code, id)
    assert error["temporary"] is False


def test_rubbish_is_closed_4400() -> None:
    session = opened()
    for _ in range(RUBBISH):
        assert closed(session.receive("{", NOW)) is None
    assert closed(session.receive("{", NOW)) is CloseCode.BAD_FRAME


def test_a_good_frame_makes_good_for_one_that_was_none() -> None:
    session = opened()
    for _ in range(3 * RUBBISH):
        assert closed(session.receive("{", NOW)) is None
        session.receive(frame("pong"), NOW)
    codes = set()
    for _ in range(RUBBISH + 1):
        codes |= {closed(session.receive(text, NOW)) for text in ("{", frame("pong"), "{")}
    assert CloseCode.BAD_FRAME in codes


def test_unknown_types_are_of_a_newer_client_and_forgiven() -> None:
    session = opened()
    for _ in range(5 * RUBBISH):
        assert closed(session.receive(frame("dance"), NOW)) is None


def test_a_binary_frame_is_read_if_it_is_json_and_closed_4400_if_not() -> None:
    session = opened()
    assert session.receive(frame("pong").encode(), NOW) == []
    assert closed(session.receive(b"\x00\xff", NOW)) is CloseCode.BAD_FRAME


def test_too_many_frames_are_told_when_to_come_back_and_then_closed_4029() -> None:
    session = opened(settings=GatewaySettings(frames_burst=3, frames_per_second=10))
    for _ in range(2):
        assert said(session.receive(frame("join", document=DOC), NOW)) == []
    (error,) = said(session.receive(frame("sync", id=4, document=DOC), NOW))
    assert (error["code"], error["id"], error["temporary"]) == ("rate_limited", 4, True)
    assert 0 < error["retry_in_ms"] <= 100
    assert session.receive(frame("sync", id=4, document=DOC), NOW + 100) != []
    for _ in range(DEAF):
        assert closed(session.receive("{", NOW + 100)) is None
    assert closed(session.receive("{", NOW + 100)) is CloseCode.RATE


@pytest.mark.parametrize(("a_second", "is_closed"), [(90, False), (110, True), (4500, True)])
def test_who_sends_more_than_twice_the_rate_is_closed_4029(a_second: int, is_closed: bool) -> None:
    session = opened(settings=GatewaySettings(frames_burst=50, frames_per_second=50))
    codes = set()
    for n in range(20 * a_second):
        codes.add(closed(session.receive(frame("sync", document=DOC), NOW + n * 1000 // a_second)))
    assert (CloseCode.RATE in codes) is is_closed


def test_a_pong_counts_even_beyond_the_rate() -> None:
    session = opened(settings=GatewaySettings(frames_burst=1, frames_per_second=1))
    now = NOW + limits.PING_MS
    session.tick(now)
    session.receive(frame("sync", document=DOC), now)
    assert session.receive(frame("pong"), now) == []
    assert closed(session.tick(now + limits.PONG_MS)) is None


def test_nothing_is_heard_after_the_end() -> None:
    session = opened()
    session.end()
    assert session.receive(frame("join", document=DOC), NOW) == []
    assert session.close(CloseCode.KICKED, "") == []
    session.unseat(DOC)


def test_tokens_go_by_the_machines_clock_and_everything_else_by_the_steady_one() -> None:
    """The machine's clock was wrong when the gateway began, and is set an hour forward."""
    ahead = 0
    one = replace(rules(), ahead=lambda: ahead)
    session = Session(ConnectionId("c.me"), one, NOW)
    session.receive(frame("hello", token=token(exp=NOW // 1000 + 3600)), NOW)
    assert session.tick(NOW) == []
    ahead = HOUR
    (told, close) = session.tick(NOW)
    assert said([told])[0]["code"] == "expired"
    assert close == Close(CloseCode.TOKEN_REFUSED, "the token has expired")
    late = Session(ConnectionId("c.me"), one, NOW)
    (told, *_) = late.receive(frame("hello", token=token(exp=NOW // 1000 + 3600)), NOW)
    assert said([told])[0]["code"] == "expired"
    again = Session(ConnectionId("c.me"), one, NOW)
    (_, told) = again.receive(frame("hello", token=token(exp=NOW // 1000 + 3700)), NOW)
    assert said([told])[0]["expires_in_ms"] == 100_000
    assert again.tick(NOW) == [], "no ping and no pong is due by it"
