"""A session against a table: which frame is allowed when, to whom, and that each with an ``id`` is
answered, once, or handed on with its ``id`` to whoever will answer."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.actions import Action, Change, Close, GiveUp, Open, Say, Speak, Take, TellWhole
from gateway.session import Phase, Session
from gateway.settings import GatewaySettings
from schemas.ids import ConnectionId
from tests.property.pace import run
from tests.unit.gateway.making import HOUR, NOW, frame, rules, token

MOST: Final = 2
"""Documents a connection may be at."""
SETTINGS: Final = GatewaySettings(
    documents_per_connection=MOST, frames_per_second=1_000_000, frames_burst=1_000_000
)
NONE, READ, SEND, EDIT = range(4)
DOCUMENTS: Final = ("article.42", "article.43", "article.~", "user.leela")
RIGHTS: Final = {
    "all": ({"#": "edit"}, (EDIT, EDIT, EDIT, EDIT)),
    "send": ({"article.*": "send"}, (SEND, SEND, SEND, READ)),
    "read": ({"article.*": "read"}, (READ, READ, READ, READ)),
    "one": ({"article.42": "edit"}, (EDIT, NONE, NONE, READ)),
}
"""What a token says, and what it allows on each document: one's own may always be read."""

documents = st.sampled_from(DOCUMENTS)
modes = st.sampled_from(["watching", "reading", "editing"])
kinds = st.sampled_from(sorted(RIGHTS))


class Life(RuleBasedStateMachine):
    """The model: a phase, the seats, the kind of the token."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.session = Session(ConnectionId("c.me"), rules(SETTINGS), NOW)
        self.phase = "new"
        self.kind = "one"
        self.expires = NOW
        self.seats: dict[str, str] = {}
        self.asked = 0
        self.ping_at = NOW + SETTINGS.hello_ms
        self.pong_by = 0
        self.rubbish = 0

    def right(self, document: str) -> int:
        return RIGHTS[self.kind][1][DOCUMENTS.index(document)]

    # --- saying -----------------------------------------------------------------------

    def says(self, type: str, **fields: Any) -> list[Action]:
        """The actions, of which one and only one has the frame's id."""
        self.asked += 1
        actions = self.session.receive(frame(type, id=self.asked, **fields), self.now)
        self.rubbish = max(0, self.rubbish - 1)
        if self.phase == "closed":
            assert actions == []
            return []
        if type != "pong" or self.phase == "new":
            answers = [id for action in actions if (id := id_of(action)) is not None]
            assert answers == ([self.asked] if type != "pong" else [])
        return actions

    def refused(self, actions: list[Action], code: str) -> None:
        if self.phase != "closed":
            said = msgspec.json.decode(next(a.frame for a in actions if isinstance(a, Say)))
            assert (said["type"], said["code"]) == ("error", code)
            assert all(isinstance(action, Say | Close) for action in actions)

    def is_open(self, actions: list[Action]) -> bool:
        """Whether there is more to ask than this: nothing but a hello is heard before one."""
        if self.phase == "new":
            self.refused(actions, "bad_frame")
        return self.phase == "open"

    @rule(kind=kinds, hours=st.integers(1, 3))
    def hello(self, kind: str, hours: int) -> None:
        exp = (self.now + hours * HOUR) // 1000
        actions = self.says("hello", token=token(docs=RIGHTS[kind][0], exp=exp))
        if self.phase == "new":
            assert [type(action) for action in actions] == [Open, Say]
            self.phase, self.kind, self.expires = "open", kind, exp * 1000
            self.ping_at = self.now + SETTINGS.ping_ms
        else:
            self.refused(actions, "bad_frame")

    @precondition(lambda self: self.phase == "new")
    @rule(bad=st.sampled_from(["no", "", token(key="another key of thirty-two bytes!")]))
    def a_bad_hello(self, bad: str) -> None:
        actions = self.says("hello", token=bad)
        self.refused(actions, "unauthorized")
        assert isinstance(actions[-1], Close)
        self.phase = "closed"

    @rule(document=documents, mode=modes)
    def join(self, document: str, mode: str) -> None:
        actions = self.says("join", document=document, mode=mode)
        if not self.is_open(actions):
            return
        if self.right(document) < (EDIT if mode == "editing" else READ):
            self.refused(actions, "forbidden")
        elif document not in self.seats and len(self.seats) == MOST:
            self.refused(actions, "limit")
        else:
            assert [type(action) for action in actions] == [Take]
            self.seats[document] = mode

    @rule(document=documents, mode=st.none() | modes, lease=st.none() | st.booleans())
    def update(self, document: str, mode: str | None, lease: bool | None) -> None:
        fields = {"mode": mode, "lease": lease}
        given = {name: value for name, value in fields.items() if value is not None}
        actions = self.says("update", document=document, **given)
        if not self.is_open(actions):
            return
        if document not in self.seats:
            self.refused(actions, "not_joined")
        elif (mode == "editing" or lease) and self.right(document) < EDIT:
            self.refused(actions, "forbidden")
        else:
            assert [type(action) for action in actions] == [Change]
            self.seats[document] = mode or self.seats[document]

    @rule(
        document=documents,
        kind=st.sampled_from(["said", "a.b", "presently.change", "a b"]),
        data=st.sampled_from([{}, {"x": 1}, [], None]),
    )
    def send(self, document: str, kind: str, data: Any) -> None:
        actions = self.says("send", document=document, event={"type": kind, "data": data})
        if not self.is_open(actions):
            return
        if document not in self.seats:
            self.refused(actions, "not_joined")
        elif kind.startswith("presently."):
            self.refused(actions, "forbidden")
        elif kind == "a b" or not isinstance(data, dict):
            self.refused(actions, "invalid_event")
        elif self.right(document) < SEND:
            self.refused(actions, "forbidden")
        else:
            assert [type(action) for action in actions] == [Speak]

    @rule(document=documents, what=st.sampled_from(["sync", "leave"]))
    def sync_or_leave(self, document: str, what: str) -> None:
        actions = self.says(what, document=document)
        if not self.is_open(actions):
            return
        if document not in self.seats:
            self.refused(actions, "not_joined")
        elif what == "sync":
            assert [type(action) for action in actions] == [TellWhole]
        else:
            assert [type(action) for action in actions] == [GiveUp, Say]
            del self.seats[document]

    @rule(kind=kinds, user=st.sampled_from(["leela", "leela", "fry"]))
    def another_token(self, kind: str, user: str) -> None:
        exp = (self.now + HOUR) // 1000
        said = token(user, docs=RIGHTS[kind][0], exp=exp)
        actions = self.says("token", token=said)
        if not self.is_open(actions):
            return
        if user != "leela":
            self.refused(actions, "unauthorized")
            return
        self.kind, self.expires = kind, exp * 1000
        ended = [action.document for action in actions if isinstance(action, GiveUp)]
        assert ended == [name for name in self.seats if self.right(name) < READ]
        for gone in ended:
            del self.seats[gone]
        for name, mode in self.seats.items():
            if mode == "editing" and self.right(name) < EDIT:
                self.seats[name] = "reading"

    @rule()
    def pong(self) -> None:
        self.says("pong")
        self.pong_by = 0

    @rule(
        data=st.sampled_from(["", "{", "[]", '{"type":3}', '{"type":"join"}', '{"type":"dance"}'])
    )
    def nonsense(self, data: str) -> None:
        actions = self.session.receive(data, self.now)
        if self.phase == "closed":
            assert actions == []
            return
        self.rubbish += "dance" not in data
        if self.rubbish > 10:
            assert [type(action) for action in actions] == [Close]
            self.phase = "closed"
        else:
            assert [type(action) for action in actions] == [Say]

    # --- time -------------------------------------------------------------------------

    @rule(ms=st.sampled_from([10, 5_000, 11_000, 26_000, HOUR]))
    def time_passes(self, ms: int) -> None:
        self.now += ms
        actions = self.session.tick(self.now)
        if self.phase == "closed":
            assert actions == []
        elif self.phase == "new":
            assert bool(actions) == (self.now >= self.ping_at)
        elif self.now >= self.expires or (self.pong_by and self.now >= self.pong_by):
            assert isinstance(actions[-1], Close)
        elif self.now >= self.ping_at:
            assert [type(action) for action in actions] == [Say]
            self.ping_at = self.now + SETTINGS.ping_ms
            self.pong_by = self.pong_by or self.now + SETTINGS.pong_ms
        else:
            assert actions == []
        if any(isinstance(action, Close) for action in actions):
            self.phase = "closed"

    @invariant()
    def both_know_the_same(self) -> None:
        assert self.session.phase is Phase(self.phase)
        if self.phase == "open":
            assert self.session.guest is not None
            assert self.session.guest.seats == self.seats


def id_of(action: Action) -> object:
    if isinstance(action, Say):
        return msgspec.json.decode(action.frame).get("id")
    return getattr(action, "id", None)


test_session_life = run(Life, examples=60, steps=40)
