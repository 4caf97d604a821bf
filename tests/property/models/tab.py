"""A browser's tab: what it makes of what it hears, and complains about what it must never hear."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Request

from gateway.session import Session
from schemas.presence import Mode, Position


class Truth(Protocol):
    """What a tab holds against what it hears."""

    def is_at(self, document: str, id: str, epoch: str, seq: int) -> bool:
        """Whether the log has this event there."""
        ...

    def calm(self, document: str) -> Set[str]:
        """Who was shown to everybody and has done nothing since, nor has their gateway failed."""
        ...


def payload(prepared: bytes) -> dict[str, Any]:
    """What is in an unmasked text frame."""
    start = {126: 4, 127: 10}.get(prepared[1], 2)
    frame = msgspec.json.decode(prepared[start:])
    assert isinstance(frame, dict)
    return frame


@dataclass
class View:
    """One document on one screen.

    Attributes:
        events: Ids heard since it was loaded, which was at ``loaded``.
        fence: Of the lease this seat believes to hold.
    """

    mode: Mode
    joined: bool = False
    epoch: str = ""
    seq: int = 0
    loaded: int = 0
    events: list[str] = field(default_factory=list)
    v: int = -1
    users: dict[str, str] = field(default_factory=dict)
    counts: tuple[int, int] = (0, 0)
    complete: bool = False
    lease: tuple[str, int] | None = None
    fence: int | None = None

    @property
    def position(self) -> Position | None:
        return Position(self.epoch, self.seq) if self.epoch else None

    def load(self, epoch: str, seq: int) -> None:
        """Fetched anew from the application: what was heard before is in there."""
        self.epoch, self.seq, self.loaded, self.events = epoch, seq, seq, []


class Tab:
    """One connection of one user. To its gateway it is a ``Socket``.

    Attributes:
        views: The documents it is at.
        members: What it was told of a collection, by document.
        heard: Events that a list brought, by document.
        answered: Those of its frames that were.
        again: Documents where it was not told that its mode is what it asked for.
        slow: It has no room: what may be skipped is.
    """

    def __init__(self, session: Session, user: str, truth: Truth) -> None:
        self.session = session
        self.user = user
        self.views: dict[str, View] = {}
        self.members: dict[str, dict[str, dict[str, str]]] = {}
        self.summary_v: dict[str, int] = {}
        self.heard: dict[str, list[str]] = {}
        self.open: dict[int, dict[str, Any]] = {}
        self.numbered: dict[str, tuple[str, int | None]] = {}
        self.answered: set[int] = set()
        self.again: dict[str, None] = {}
        self.complaint: AssertionError | None = None
        self.closed = False
        self.slow = False
        self.skipped: dict[str, None] = {}
        self.since = 0
        self.unsent = 0
        self.connection = SimpleNamespace(
            request=Request("/", Headers({"User-Agent": "test"})), remote_address=("127.0.0.1", 1)
        )
        self._truth = truth
        self._ids = 0

    # --- as a socket ----------------------------------------------------------------

    def send(self, prepared: bytes, whole_of: str | None = None) -> None:
        if self.slow and whole_of is not None:
            self.skipped[whole_of] = None
        elif not self.closed:
            try:
                self.hear(payload(prepared))
            except AssertionError as complaint:
                self.complaint = self.complaint or complaint
                raise

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(f"closed with {code}: {reason}")

    # --- what it says ---------------------------------------------------------------

    def asks(self, type: str, **fields: Any) -> str:
        """A frame that must be answered exactly once."""
        self._ids += 1
        frame = {"type": type, "id": self._ids, **fields}
        self.open[self._ids] = frame
        return msgspec.json.encode(frame).decode()

    # --- what it hears --------------------------------------------------------------

    def hear(self, frame: dict[str, Any]) -> None:
        asked = self._asked(frame)
        document = frame.get("document", "")
        view = self.views.get(document)
        match frame["type"]:
            case "joined":
                self._joined(self.views[document], frame, asked["mode"] if asked else None)
            case "event":
                self._event(document, view, frame)
            case "reset":
                if view is not None:
                    view.load(frame["epoch"], frame["seq"])
            case "presence":
                assert view is not None
                assert view.joined
                self._presence(document, view, frame)
            case "summary":
                self._summary(document, frame)
            case "lease":
                if view is not None:
                    view.fence = None
            case "ok" if asked is not None:
                self._done(asked, frame)
            case "error":
                self._refused(asked, frame)

    def _asked(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        number = frame.get("id")
        if number is None:
            return None
        assert number not in self.answered, f"{number} was answered twice"
        self.answered.add(number)
        return self.open.pop(number)

    def _joined(self, view: View, frame: dict[str, Any], mode: str | None) -> None:
        document = frame["document"]
        if frame["recovered"]:
            assert view.epoch == frame["epoch"]
            for event in frame["events"]:
                self._next(document, view, event)
            assert view.seq == frame["seq"], "recovered, and not all of it"
        else:
            assert frame["events"] == []
            if view.joined:
                assert (view.epoch, view.seq) == (frame["epoch"], frame["seq"])
            else:
                view.load(frame["epoch"], frame["seq"])
        view.joined = True
        self._presence(document, view, frame["presence"])
        if "summary" in frame:
            self._summary(document, frame["summary"])

    def _event(self, document: str, view: View | None, frame: dict[str, Any]) -> None:
        if "seq" not in frame:
            return
        if view is not None and view.joined:
            self._next(document, view, frame)
            return
        assert any(name.endswith(".~") for name in self.views), "an event of nowhere"
        heard = self.heard.setdefault(document, [])
        assert frame["event"]["id"] not in heard, "told twice at the list"
        heard.append(frame["event"]["id"])

    def _next(self, document: str, view: View, frame: dict[str, Any]) -> None:
        assert frame["seq"] == view.seq + 1, f"{frame['seq']} after {view.seq}"
        id = frame["event"]["id"]
        assert self._truth.is_at(document, id, view.epoch, frame["seq"]), "not what is logged"
        view.seq += 1
        view.events.append(id)

    def _presence(self, document: str, view: View, said: dict[str, Any]) -> None:
        if said["full"]:
            view.users = {}
        else:
            assert said["v"] == view.v + 1 or self.slow, f"presence {said['v']} after {view.v}"
        view.v = said["v"]
        view.users |= {user["id"]: user["mode"] for user in said["users"]}
        for gone in said["left"]:
            view.users.pop(gone, None)
        view.counts = said["counts"]["reading"], said["counts"]["editing"]
        view.complete = said["complete"]
        if view.complete:
            assert self._truth.calm(document) <= view.users.keys(), "somebody flickers"
        lease = said["lease"]
        view.lease = (lease["user"], lease["fence"]) if lease else None

    def _summary(self, document: str, said: dict[str, Any]) -> None:
        members = self.members.setdefault(document, {})
        if said["full"]:
            members.clear()
        else:
            assert said["v"] == self.summary_v[document] + 1 or self.slow
        self.summary_v[document] = said["v"]
        for now in said["documents"]:
            members[now["document"]] = {user["id"]: user["mode"] for user in now["users"]}
            if not now["users"]:
                del members[now["document"]]

    def _done(self, asked: dict[str, Any], frame: dict[str, Any]) -> None:
        document = asked.get("document", "")
        view = self.views.get(document)
        if asked["type"] == "send":
            self.numbered[asked["event"]["id"]] = document, frame.get("seq")
        if asked["type"] == "update" and view is not None:
            if asked.get("lease"):
                view.fence = frame["fence"]
                view.mode = asked.get("mode", view.mode)
            elif asked.get("lease") is False:
                view.fence = None

    def _refused(self, asked: dict[str, Any] | None, frame: dict[str, Any]) -> None:
        if asked is not None and asked["type"] == "join":
            view = self.views.get(asked["document"])
            if view is not None and not view.joined:
                del self.views[asked["document"]]
        if asked is not None and asked.get("lease") and frame["code"] in ("timeout", "locked"):
            view = self.views.get(asked["document"])
            if view is not None:
                view.fence = None
        if asked is not None and "mode" in asked:
            self.again[asked["document"]] = None
