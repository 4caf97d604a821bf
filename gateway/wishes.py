"""What the frames of an open session ask for, and whether its user may. Pure.

Each function reads one frame against the claims and the seats of its session, changes the seats,
and returns what is to be done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec import UNSET, Raw

from gateway.actions import Action, Change, GiveUp, Speak, Take, TellWhole
from gateway.answers import Refused, say
from gateway.auth import Claims
from schemas import events, frames, ids, limits
from schemas.errors import ErrorCode, InvalidDocument
from schemas.ids import ConnectionId, DocumentId
from schemas.presence import Mode
from schemas.rights import Right


@dataclass(slots=True)
class Guest:
    """Who sits behind an open socket.

    Attributes:
        seats: The documents they are at, with the mode they asked for last.
        leases: Those of them they asked to be the only editor of; not all were granted.
        most: How many documents they may be at.
        new_id: Makes an id for an event that came without.
    """

    connection: ConnectionId
    claims: Claims
    most: int
    new_id: Callable[[], str]
    seats: dict[DocumentId, Mode] = field(default_factory=dict)
    leases: set[DocumentId] = field(default_factory=set)


def join(guest: Guest, frame: frames.Join, now: int) -> list[Action]:
    """Take a seat. At a document one is at already: change the whole of it."""
    document = _document(frame.document)
    if frame.keys is not None and not ids.is_list(document):
        raise Refused(ErrorCode.BAD_FRAME, "keys belong to the list of a collection")
    _demand(guest, document, Right.EDIT if frame.mode == "editing" else Right.READ)
    if document not in guest.seats and len(guest.seats) >= guest.most:
        raise Refused(ErrorCode.LIMIT, f"at most {guest.most} documents a connection")
    state = _state(frame.state)
    guest.seats[document] = frame.mode
    keys = None if frame.keys is None else frozenset(frame.keys)
    lease = frame.lease if guest.claims.right_on(document) >= Right.EDIT else None
    if lease:
        guest.leases.add(document)
    return [Take(document, frame.mode, state, frame.since, keys, frame.id, lease)]


def update(guest: Guest, frame: frames.Update, now: int) -> list[Action]:
    """Change what is given of the seat."""
    document = _at(guest, frame.document)
    mode = None if frame.mode is UNSET else frame.mode
    lease = None if frame.lease is UNSET else frame.lease
    if mode == "editing" or lease:
        _demand(guest, document, Right.EDIT)
    state = None if frame.state is UNSET else _state(frame.state)
    if mode is not None:
        guest.seats[document] = mode
    if lease:
        guest.leases.intersection_update(guest.seats)
        guest.leases.add(document)
    elif lease is not None:
        guest.leases.discard(document)
    return [Change(document, mode, state, lease, frame.id)]


def send(guest: Guest, frame: frames.Send, now: int) -> list[Action]:
    """Say something to everybody at the document; we stamp who says it."""
    document = _at(guest, frame.document)
    said = frame.event
    if said.type.startswith(events.OURS):
        raise Refused(ErrorCode.FORBIDDEN, f"types that begin with '{events.OURS}' are not yours")
    if not events.TYPE.fullmatch(said.type):
        raise Refused(ErrorCode.INVALID_EVENT, "event.type: words of letters joined by '.'")
    data = bytes(said.data)
    if len(data) > limits.DATA_BYTES:
        raise Refused(ErrorCode.TOO_BIG, f"event.data may have {limits.DATA_BYTES} bytes")
    if not data.startswith(b"{"):
        raise Refused(ErrorCode.INVALID_EVENT, "event.data: expected an object")
    _demand(guest, document, Right.SEND)
    event = events.new_event(
        document=document,
        type=said.type,
        id=said.id or guest.new_id(),
        source=f"/connection/{guest.connection}",
        time=_rfc3339(now),
        actor=guest.claims.user,
        data=data,
    )
    return [Speak(document, event.json, frame.ephemeral, frame.id)]


def sync(guest: Guest, frame: frames.Sync, now: int) -> list[Action]:
    """Tell the whole of a document they are at."""
    return [TellWhole(_at(guest, frame.document), frame.id)]


def leave(guest: Guest, frame: frames.Leave, now: int) -> list[Action]:
    """Give the seat up."""
    document = _at(guest, frame.document)
    del guest.seats[document]
    done = [] if frame.id is None else [say(frames.Ok(id=frame.id, document=document))]
    return [GiveUp(document), *done]


def fit_rights(guest: Guest) -> list[Action]:
    """New claims may allow less: seats end, editors become readers and give up their leases.

    The mode is said even if it stays: who asked for a lease and did not get it is not told then
    that there was none to give up.
    """
    actions: list[Action] = []
    for document, mode in list(guest.seats.items()):
        right = guest.claims.right_on(document)
        if right < Right.READ:
            del guest.seats[document]
            why = f"your new token does not allow to read {document}"
            told = frames.error(ErrorCode.FORBIDDEN, why, document=document)
            actions += [GiveUp(document), say(told)]
        elif right < Right.EDIT and (mode == "editing" or document in guest.leases):
            guest.seats[document] = "reading" if mode == "editing" else mode
            actions.append(Change(document, guest.seats[document], None, False))
            if document in guest.leases:
                guest.leases.discard(document)
                actions.append(say(frames.LeaseFrame(document=document, lost="forbidden")))
    return actions


def _at(guest: Guest, text: str) -> DocumentId:
    document = _document(text)
    if document not in guest.seats:
        raise Refused(ErrorCode.NOT_JOINED, f"join {document} first")
    return document


def _demand(guest: Guest, document: DocumentId, right: Right) -> None:
    if guest.claims.right_on(document) < right:
        what = f"{right.name.lower()} {document}"
        if ids.is_list(document):
            what += ", that is all of its collection"
        raise Refused(ErrorCode.FORBIDDEN, f"your token does not allow to {what}")


def _document(text: str) -> DocumentId:
    try:
        return ids.parse_document(text)
    except InvalidDocument as error:
        raise Refused(ErrorCode.BAD_FRAME, f"document: {error}") from None


def _state(raw: Raw) -> bytes:
    state = bytes(raw)
    if not state.startswith(b"{"):
        raise Refused(ErrorCode.BAD_FRAME, "state: expected an object")
    if len(state) > limits.STATE_BYTES:
        raise Refused(ErrorCode.TOO_BIG, f"state may have {limits.STATE_BYTES} bytes")
    return state


def _rfc3339(now: int) -> str:
    moment = datetime.fromtimestamp(now / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
