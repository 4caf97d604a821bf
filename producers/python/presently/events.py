"""The envelope: CloudEvents 1.0, structured, JSON. Checked before it is sent, so that a mistake is
an exception here and not a dead letter there.

``schemas/golden/events.json`` in Presently's repository holds this file and the hub to one answer.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from presently.documents import check_document
from presently.errors import InvalidEvent

CONTENT_TYPE: Final = "application/cloudevents+json"
BATCH_TYPE: Final = "application/cloudevents-batch+json"
DATA_BYTES: Final = 64 * 1024
EVENT_BYTES: Final = DATA_BYTES + 4 * 1024
CHANGE: Final = "presently.change"
RESYNC: Final = "presently.resync"
_TYPE: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
_LONGEST: Final = {"id": 128, "source": 256, "type": 120}

Event = dict[str, Any]
"""A CloudEvent as a dict: ``specversion id source type subject time actor data``."""


@dataclass(frozen=True, slots=True)
class Message:
    """A checked event, ready to send. ``body`` is its JSON."""

    document: str
    id: str
    body: bytes


def write(
    documents: str | Sequence[str],
    type: str,
    data: Mapping[str, object] | None,
    *,
    source: str,
    actor: str | None,
    id: str | None,
    time: datetime | None,
) -> list[Message]:
    """One event for each document, all under the same id.

    Raises:
        InvalidEvent: With the path of the first fault.
    """
    if time is not None and time.tzinfo is None:
        raise InvalidEvent("time", "needs a time zone")
    event: Event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()) if id is None else id,
        "source": source,
        "type": type,
        "subject": "",
        "time": (time or datetime.now(UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    if actor is not None:
        event["actor"] = actor
    event["data"] = {} if data is None else dict(data) if isinstance(data, Mapping) else data
    subjects = [documents] if isinstance(documents, str) else list(dict.fromkeys(documents))
    if not subjects:
        raise InvalidEvent("subject", "no document given")
    return [
        Message(subject, event["id"], check({**event, "subject": subject})) for subject in subjects
    ]


def check(event: object) -> bytes:
    """The event as JSON, if it is one.

    Raises:
        InvalidEvent: With the path of the first fault.
    """
    body = _json("", event)
    if len(body) > EVENT_BYTES:
        raise InvalidEvent("", f"larger than {EVENT_BYTES} bytes")
    if not isinstance(event, Mapping):
        raise InvalidEvent("", "expected an object")
    for name in ("specversion", "id", "source", "type", "subject"):
        _text(event, name, required=True)
    for name in ("time", "actor"):
        _text(event, name, required=False)
    if event["specversion"] != "1.0":
        raise InvalidEvent("specversion", "expected '1.0'")
    for name, longest in _LONGEST.items():
        if not 1 <= len(event[name]) <= longest:
            raise InvalidEvent(name, f"expected 1 to {longest} characters")
    check_document(event["subject"])
    if not _TYPE.fullmatch(event["type"]):
        raise InvalidEvent("type", "letters, digits, '_' and '-', in words joined by '.'")
    _check_data(event["type"], event.get("data", {}))
    return body


def _check_data(type: str, data: object) -> None:
    if not isinstance(data, Mapping):
        raise InvalidEvent("data", "expected an object")
    if len(_json("data", data)) > DATA_BYTES:
        raise InvalidEvent("data", f"larger than {DATA_BYTES} bytes")
    if type == CHANGE:
        _check_change(data)
    elif type.startswith("presently.") and type != RESYNC:
        raise InvalidEvent("type", "types that begin with 'presently.' are reserved")


def _check_change(data: Mapping[str, object]) -> None:
    """``presently.change`` is what the relay sends; others may, for databases without one."""
    if data.get("op") not in ("c", "u", "d", "r", "t", "x"):
        raise InvalidEvent("data.op", "expected one of c, u, d, r, t, x")
    entity = data.get("entity")
    if not isinstance(entity, str) or not 1 <= len(entity) <= 200:
        raise InvalidEvent("data.entity", "expected 1 to 200 characters")
    for name in ("key", "after", "before", "ctx"):
        if not isinstance(data.get(name, {}), Mapping):
            raise InvalidEvent(f"data.{name}", "expected an object")
    for name in ("changed", "omitted"):
        columns = data.get(name, [])
        if not isinstance(columns, list | tuple):
            raise InvalidEvent(f"data.{name}", "expected an array")
        for at, column in enumerate(columns):
            if not isinstance(column, str):
                raise InvalidEvent(f"data.{name}[{at}]", "expected a string")


def _text(event: Mapping[str, object], name: str, *, required: bool) -> None:
    if name not in event:
        if required:
            raise InvalidEvent(name, "missing")
        return
    value = event[name]
    if not (isinstance(value, str) or (name == "actor" and value is None)):
        raise InvalidEvent(name, "expected a string")


def _json(at: str, value: object) -> bytes:
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return written.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidEvent(at or "data", f"cannot be JSON: {error}") from None
