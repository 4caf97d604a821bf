"""Frames in words, for `presently tail`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

LONGEST: Final = 160
"""Characters of an event's data on one line."""


class Words:
    """Tells what changed from frame to frame."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._users: dict[str, Mapping[str, Any]] = {}
        self._watching = False

    def lines(self, frame: Mapping[str, Any]) -> Iterator[str]:
        """A line for each thing that happened; none for a frame that changes nothing."""
        match frame.get("type"):
            case "joined":
                yield from self._where(frame)
                yield from self._presence(frame["presence"])
                yield from self._summary(frame.get("summary") or {})
            case "presence":
                yield from self._presence(frame)
            case "summary":
                yield from self._summary(frame)
            case "event":
                yield _event(frame, self._document)
            case "reset":
                yield f"reset: numbers begin anew after {frame['seq']}; reload"
            case "drain":
                yield "the gateway is about to restart"

    def _where(self, joined: Mapping[str, Any]) -> Iterator[str]:
        """The first time where we begin; later what happened while we were away."""
        if not self._watching:
            yield f"watching {self._document}, after event {joined['seq']}; Ctrl-C ends"
        elif not joined["recovered"]:
            yield f"watching again, after event {joined['seq']}; what came between is not shown"
        self._watching = True
        for event in joined.get("events", ()):
            yield _event(event, self._document)

    def _presence(self, presence: Mapping[str, Any]) -> Iterator[str]:
        new = {user["id"]: user for user in presence["users"]}
        gone = set(self._users) - set(new) if presence["full"] else set(presence["left"])
        for id in sorted(gone & set(self._users)):
            yield f"- {_name(self._users.pop(id))} left"
        for id, user in new.items():
            old = self._users.get(id)
            self._users[id] = user
            if old is None:
                yield f"+ {_name(user)} is {user['mode']}{_state(user)}"
            elif (old["mode"], old.get("state")) != (user["mode"], user.get("state")):
                yield f"~ {_name(user)} is {user['mode']}{_state(user)}"
        if not presence.get("complete", True):
            counts = presence["counts"]
            yield f"  {counts['reading']} reading, {counts['editing']} editing, not all listed"

    def _summary(self, summary: Mapping[str, Any]) -> Iterator[str]:
        for document in summary.get("documents", ()):
            users = ", ".join(f"{_name(user)} {user['mode']}" for user in document["users"])
            yield f"  {document['document']}: {users or 'nobody'}"


def _event(frame: Mapping[str, Any], here: str) -> str:
    event = frame["event"]
    number = f"#{frame['seq']}" if "seq" in frame else "(not kept)"
    where = "" if frame["document"] == here else f" at {frame['document']}"
    actor = f" by {event['actor']}" if event.get("actor") else ""
    data = json.dumps(event.get("data", {}), ensure_ascii=False)
    data = data if len(data) <= LONGEST else f"{data[:LONGEST]}…"
    return f"{number} {event['type']}{where}{actor} {data}"


def _name(user: Mapping[str, Any]) -> str:
    name, id = user.get("name") or user["id"], user["id"]
    return str(id) if name == id else f"{name} ({id})"


def _state(user: Mapping[str, Any]) -> str:
    return f" {json.dumps(user['state'], ensure_ascii=False)}" if user.get("state") else ""
