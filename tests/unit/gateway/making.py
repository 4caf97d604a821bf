"""Short ways to say things in the gateway's tests."""

from __future__ import annotations

from typing import Any

import jwt
import msgspec

from gateway.actions import Action, Say
from gateway.auth import Claims, Tokens
from gateway.effects import Deliver, Effect
from gateway.seats import Seat
from gateway.session import Rules, Session
from gateway.settings import GatewaySettings
from schemas import frames, ids
from schemas.ids import ConnectionId, DocumentId
from schemas.messages import Answer, Marks, PresenceNow, UserNow
from schemas.presence import Mode

KEY = "0123456789abcdef0123456789abcdef"
NOW = 1_732_280_000_000
"""Some moment, Unix milliseconds."""
HOUR = 3_600_000
E1, E2 = ids.epoch_name(1_000), ids.epoch_name(2_000)
"""An epoch and a newer one."""
DOC = ids.parse_document("article.42")
LIST = ids.parse_document("article.~")


def token(sub: object = "leela", *, key: str = KEY, **claims: Any) -> str:
    said = {"sub": sub, "aud": "presently", "exp": NOW // 1000 + 3600, "docs": {"#": "edit"}}
    said.update(claims)
    return jwt.encode({k: v for k, v in said.items() if v is not None}, key, algorithm="HS256")


def claims(user: str = "leela", **docs: str) -> Claims:
    return Tokens([KEY]).read(token(user, docs=docs or {"#": "edit"}), NOW)


def rules(settings: GatewaySettings | None = None, *, admits: bool = True) -> Rules:
    return Rules(
        settings or GatewaySettings(), Tokens([KEY]).read, lambda user: admits, lambda: "made-up-id"
    )


def opened(sub: str = "leela", settings: GatewaySettings | None = None, **said: Any) -> Session:
    session = Session(ConnectionId("c.me"), rules(settings), NOW)
    session.receive(frame("hello", token=token(sub, **said)), NOW)
    assert session.guest is not None
    return session


def frame(type: str, **fields: Any) -> str:
    return msgspec.json.encode({"type": type, **fields}).decode()


def said(actions: list[Action]) -> list[dict[str, Any]]:
    """The frames that actions send."""
    return [msgspec.json.decode(action.frame) for action in actions if isinstance(action, Say)]


def seat(connection: str, user: str = "leela", mode: Mode = "reading") -> Seat:
    return Seat(ConnectionId(connection), user, user.title(), b"{}", mode, b"{}")


def user(id: str, mode: Mode = "reading") -> UserNow:
    return UserNow(id, id.title(), b"{}", mode, b"{}")


def presence(v: int, *users: str, complete: bool = True) -> PresenceNow:
    return PresenceNow(
        v=v, users=[user(u) for u in users], reading=len(users), editing=0, complete=complete
    )


def cloudevent(n: int, document: DocumentId = DOC) -> bytes:
    return b'{"n":%d,"subject":"%b"}' % (n, document.encode())


def event(n: int, document: DocumentId = DOC) -> bytes:
    return frames.event_frame(document, n, cloudevent(n, document))


def answer(
    ask: int,
    seq: int,
    *,
    epoch: str = E1,
    since: int | None = None,
    now: PresenceNow | None = None,
    document: DocumentId = DOC,
    recovered: bool | None = None,
) -> Answer:
    """The owner is at ``seq``; it has everything after ``since`` (none: nothing)."""
    first = seq if since is None else since
    return Answer(
        ask=ask,
        document=document,
        epoch=epoch,
        seq=seq,
        since=first,
        recovered=since is not None if recovered is None else recovered,
        events=[cloudevent(n, document) for n in range(first + 1, seq + 1)],
        presence=now or presence(1),
    )


def marks(
    what: Any, seq: int, *, epoch: str = E1, generation: int = 1, v: int = 0, document: str = DOC
) -> Marks:
    return Marks(what, document, generation, epoch, seq, v)


def heard(effects: list[Effect[str]], peer: str) -> list[dict[str, Any]]:
    """What a socket hears by these effects."""
    return [
        msgspec.json.decode(effect.frame)
        for effect in effects
        if isinstance(effect, Deliver) and peer in effect.to
    ]
