from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from gateway import wishes
from gateway.actions import Change, GiveUp, Say, Speak, Take, TellWhole
from schemas import limits
from schemas.presence import Position
from tests.unit.gateway.making import DOC, LIST, NOW, claims, frame, opened, said


def test_a_join_takes_a_seat() -> None:
    session = opened()
    actions = session.receive(
        frame(
            "join",
            id="1",
            document=DOC,
            mode="editing",
            state={"field": "title"},
            since={"epoch": "k3", "seq": 118},
        ),
        NOW,
    )
    assert actions == [Take(DOC, "editing", b'{"field":"title"}', Position("k3", 118), None, "1")]
    assert session.guest is not None
    assert session.guest.seats == {DOC: "editing"}


def test_a_list_may_be_joined_for_some_keys() -> None:
    (take,) = opened().receive(
        frame("join", document=LIST, mode="watching", keys=["41", "42"]), NOW
    )
    assert isinstance(take, Take)
    assert take.keys == frozenset({"41", "42"})


def seated(**docs: str) -> Any:
    session = opened(docs=docs or {"#": "edit"})
    session.receive(frame("join", document=DOC), NOW)
    return session


def test_an_update_changes_what_is_given() -> None:
    session = seated()
    assert session.receive(
        frame("update", id=2, document=DOC, mode="editing", lease=True), NOW
    ) == [Change(DOC, "editing", None, True, 2)]
    assert session.receive(frame("update", document=DOC, state={"x": 1}), NOW) == [
        Change(DOC, None, b'{"x":1}', None, None)
    ]


def test_an_event_is_stamped() -> None:
    (speak,) = seated().receive(
        frame(
            "send",
            id=3,
            document=DOC,
            event={"id": "e1", "type": "cursor.moved", "actor": "fry", "data": {"x": 3}},
            ephemeral=True,
        ),
        NOW,
    )
    assert isinstance(speak, Speak)
    assert (speak.document, speak.ephemeral, speak.id) == (DOC, True, 3)
    assert msgspec.json.decode(speak.event) == {
        "specversion": "1.0",
        "id": "e1",
        "source": "/connection/c.me",
        "type": "cursor.moved",
        "subject": DOC,
        "time": "2024-11-22T12:53:20.000Z",
        "actor": "leela",
        "data": {"x": 3},
    }


def test_an_event_without_an_id_gets_one() -> None:
    (speak,) = seated().receive(frame("send", document=DOC, event={"type": "hi"}), NOW)
    assert isinstance(speak, Speak)
    assert msgspec.json.decode(speak.event)["id"] == "made-up-id"
    assert not speak.ephemeral


def test_sync_and_leave() -> None:
    session = seated()
    assert session.receive(frame("sync", id=5, document=DOC), NOW) == [TellWhole(DOC, 5)]
    gone = session.receive(frame("leave", id=6, document=DOC), NOW)
    assert gone[0] == GiveUp(DOC)
    assert said(gone) == [{"type": "ok", "id": 6, "document": DOC}]
    (error,) = said(session.receive(frame("sync", document=DOC), NOW))
    assert error["code"] == "not_joined"


BIG = {"x": "y" * limits.STATE_BYTES}
HUGE = {"x": "y" * limits.DATA_BYTES}


@pytest.mark.parametrize(
    ("docs", "sent", "code"),
    [
        ({"article.*": "read"}, frame("join", document="page.1"), "forbidden"),
        ({"article.*": "read"}, frame("join", document=DOC, mode="editing"), "forbidden"),
        ({"article.42": "edit"}, frame("join", document=LIST), "forbidden"),
        ({"article.42": "edit"}, frame("join", document=LIST, keys=["42"]), "forbidden"),
        ({"article.*": "send"}, frame("update", document=DOC, mode="editing"), "forbidden"),
        ({"article.*": "send"}, frame("update", document=DOC, lease=True), "forbidden"),
        ({"#": "read"}, frame("send", document=DOC, event={"type": "hi"}), "forbidden"),
        (
            {"#": "edit"},
            frame("send", document=DOC, event={"type": "presently.change"}),
            "forbidden",
        ),
        ({"#": "edit"}, frame("send", document=DOC, event={"type": "presently.x y"}), "forbidden"),
        ({"#": "edit"}, frame("send", document=DOC, event={"type": "a b"}), "invalid_event"),
        (
            {"#": "edit"},
            frame("send", document=DOC, event={"type": "a", "data": 1}),
            "invalid_event",
        ),
        ({"#": "edit"}, frame("send", document=DOC, event={"type": "a", "data": HUGE}), "too_big"),
        ({"#": "edit"}, frame("send", document=DOC, event="hi"), "bad_frame"),
        ({"#": "edit"}, frame("join", document=DOC, state=[1]), "bad_frame"),
        ({"#": "edit"}, frame("join", document=DOC, state=BIG), "too_big"),
        ({"#": "edit"}, frame("update", document=DOC, state=BIG), "too_big"),
        ({"#": "edit"}, frame("join", document=DOC, keys=["1"]), "bad_frame"),
        ({"#": "edit"}, frame("join", document="no id"), "bad_frame"),
        ({"#": "edit"}, frame("update", document="page.1", mode="reading"), "not_joined"),
        ({"#": "edit"}, frame("send", document="page.1", event={"type": "hi"}), "not_joined"),
        ({"#": "edit"}, frame("sync", document="page.1"), "not_joined"),
        ({"#": "edit"}, frame("leave", document="page.1"), "not_joined"),
    ],
)
def test_what_is_refused(docs: dict[str, str], sent: str, code: str) -> None:
    session = seated(**docs)
    assert session.guest is not None
    before = dict(session.guest.seats)
    (error,) = said(session.receive(sent, NOW))
    assert (error["type"], error["code"], error["temporary"]) == ("error", code, False)
    assert session.guest.seats == before


def test_documents_are_bounded_but_a_second_join_is_no_second_document() -> None:
    session = opened()
    for n in range(limits.DOCUMENTS_PER_CONNECTION):
        assert said(session.receive(frame("join", document=f"article.{n}"), NOW)) == []
    (error,) = said(session.receive(frame("join", id=1, document="article.one-more"), NOW))
    assert (error["code"], error["id"]) == ("limit", 1)
    assert said(session.receive(frame("join", document="article.0"), NOW)) == []


def test_everybody_may_join_their_own_document() -> None:
    session = opened(docs={})
    (take,) = session.receive(frame("join", document="user.leela", mode="watching"), NOW)
    assert isinstance(take, Take)
    (error,) = said(session.receive(frame("join", document="user.fry"), NOW))
    assert error["code"] == "forbidden"


def test_who_may_no_longer_edit_gives_up_the_lease_they_asked_for() -> None:
    session = seated()
    guest = session.guest
    session.receive(frame("update", document=DOC, lease=True), NOW)
    guest.claims = claims("leela", **{"#": "read"})
    change, told = wishes.fit_rights(guest)
    assert change == Change(DOC, "reading", None, False)
    assert isinstance(told, Say)
    assert json.loads(told.frame) == {"type": "lease", "document": DOC, "lost": "forbidden"}
    assert wishes.fit_rights(guest) == []


def test_a_lease_may_go_on_in_a_join_of_who_may_edit() -> None:
    session = seated()
    (take,) = session.receive(frame("join", document="article.7", lease=9), NOW)
    assert isinstance(take, Take)
    assert take.lease == 9
    session.guest.claims = claims("leela", **{"#": "read"})
    (take,) = session.receive(frame("join", document="article.8", lease=9), NOW)
    assert isinstance(take, Take)
    assert take.lease is None


def test_a_lease_given_back_is_not_given_up_again() -> None:
    session = seated()
    guest = session.guest
    for lease in (True, False):
        session.receive(frame("update", document=DOC, lease=lease), NOW)
    guest.claims = claims("leela", **{"#": "read"})
    assert wishes.fit_rights(guest) == []


def test_an_editor_without_a_lease_becomes_a_reader() -> None:
    session = seated()
    guest = session.guest
    session.receive(frame("update", document=DOC, mode="editing"), NOW)
    guest.claims = claims("leela", **{"#": "read"})
    assert wishes.fit_rights(guest) == [Change(DOC, "reading", None, False)]
    assert guest.seats == {DOC: "reading"}
