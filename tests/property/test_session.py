"""Whatever a browser sends, in whatever order: no error escapes, and the rest of the gateway sees
one well-formed life."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, strategies as st

from gateway.actions import Action, Change, Close, GiveUp, Open, Say, Speak, Take, TellWhole
from gateway.session import Rules, Session
from gateway.settings import GatewaySettings
from schemas.events import parse_event
from schemas.ids import ConnectionId
from tests.property.pace import pace
from tests.unit.gateway.making import KEY, NOW, rules, token

TOKENS = st.sampled_from([token(), token("fry"), token(docs={"article.*": "read"}), "no", KEY, ""])
DOCUMENTS = st.sampled_from(["article.42", "article.43", "article.~", "user.leela", "no id", ""])
MODES = st.sampled_from(["watching", "reading", "editing", "sleeping"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["said", "a.b", "presently.change", "a b", ""])},
    optional={"id": st.text(max_size=9), "data": JSON},
)
TYPES = ["hello", "join", "update", "send", "sync", "leave", "token", "pong", "dance"]
FRAMES = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional={
        "id": st.integers(0, 99) | st.text(max_size=3),
        "token": TOKENS,
        "previous": st.sampled_from(["c.old", "c.me"]),
        "document": DOCUMENTS,
        "mode": MODES,
        "state": JSON,
        "lease": st.booleans(),
        "event": EVENTS,
        "ephemeral": st.booleans(),
        "keys": st.lists(st.text(max_size=3), max_size=3),
        "since": st.fixed_dictionaries({"epoch": st.text(max_size=3), "seq": st.integers()}),
        "client": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    },
)
SENT = st.one_of(
    FRAMES.map(lambda frame: msgspec.json.encode(frame).decode("utf-8", "replace")),
    FRAMES.map(msgspec.json.encode),
    st.text(max_size=30),
    st.binary(max_size=30),
    JSON.map(lambda value: msgspec.json.encode(value).decode()),
)
STEPS = st.lists(st.tuples(SENT, st.sampled_from([0, 0, 0, 10, 11_000])), max_size=40)


class Listener:
    """The rest of the gateway: complains about a life that is none."""

    def __init__(self) -> None:
        self.open = False
        self.closed = False
        self.seats: set[str] = set()

    def hear(self, action: Action) -> None:
        assert not self.closed, f"{action} after the end"
        if isinstance(action, Say):
            said = msgspec.json.decode(action.frame)
            assert isinstance(said["type"], str)
            assert said["type"] in ("welcome", "error", "ok", "ping")
            return
        if isinstance(action, Close):
            self.closed = True
            return
        if isinstance(action, Open):
            assert not self.open
            self.open = True
            return
        assert self.open, f"{action} before the beginning"
        match action:
            case Take(document=document, state=state):
                self.seats.add(document)
                assert isinstance(msgspec.json.decode(state), dict)
            case GiveUp(document=document):
                self.seats.remove(document)
            case Change(document=document) | TellWhole(document=document):
                assert document in self.seats
            case Speak(document=document, event=event):
                assert document in self.seats
                parsed = parse_event(event)
                assert parsed.document == document
                assert not parsed.type.startswith("presently.")
                assert parsed.source == "/connection/c.me"


def live(rules: Rules, steps: list[tuple[Any, int]]) -> Listener:
    listener, now = Listener(), NOW
    session = Session(ConnectionId("c.me"), rules, now)
    for sent, passed in steps:
        now += passed
        for action in [*session.tick(now), *session.receive(sent, now)]:
            listener.hear(action)
        if session.guest is not None:
            assert set(session.guest.seats) == listener.seats
    return listener


@pace(150)
@given(STEPS)
def test_any_frames_in_any_order_make_one_well_formed_life(steps: list[tuple[Any, int]]) -> None:
    live(rules(GatewaySettings(frames_burst=20)), steps)


@pace(150)
@given(STEPS)
def test_also_after_a_good_hello(steps: list[tuple[Any, int]]) -> None:
    hello = msgspec.json.encode({"type": "hello", "token": token()}).decode()
    assert live(rules(), [(hello, 0), *steps]).open
