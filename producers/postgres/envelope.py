"""One outbox row becomes one CloudEvent and the routing key that takes it to its shard. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from producers.postgres.rows import Origin, Row
from schemas import events, ids, limits
from schemas.errors import ContractError

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MANY_DIGITS: Final = re.compile(r"[\d.]{16}")
"""Only then a closer look is due. (jsonb writes no exponents.)"""
_EXACT: Final = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""
_SIGNIFICANT: Final = 15
"""Decimal digits that survive a double and back (IEEE 754, DBL_DIG)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What to publish for a row.

    Attributes:
        slot: The shard it lands in.
        unsettles: It tells a list that nobody can say what changed.
    """

    slot: int
    key: str
    id: str
    body: bytes
    unsettles: bool = False


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A row that makes no valid event: somebody wrote the outbox by hand. ``reason`` says why."""

    id: str
    body: bytes
    reason: str


def event_id(row: Row, origin: Origin) -> str:
    """``o<epoch>-<id>-<µs>``, the same however often the row is published."""
    return f"o{origin.epoch}-{row.id}-{(row.at - _BEGINNING) // _MICROSECOND}"


def source(origin: Origin) -> str:
    """``/pg/<cluster>/<database>``."""
    return f"/pg/{origin.cluster}/{ids.encode_word(origin.database)}"


def envelope(row: Row, origin: Origin) -> Letter | Unsendable:
    """Address and write the event of ``row``."""
    id = event_id(row, origin)
    data = _readable(row.data) if row.type == events.CHANGE else row.data
    body = _write(row, id, origin, data)
    try:
        event = events.parse_event(body)
    except ContractError as error:
        return Unsendable(id, body[: limits.EVENT_BYTES], str(error))
    slot, key = ids.slot_of(event.document), ids.routing_key(event.document)
    unsettles = event.type.startswith(events.OURS) and ids.is_list(event.document)
    return Letter(slot, key, id, body, unsettles)


def together(letters: Sequence[Letter]) -> int:
    """How many of these, from the first on, may be on their way to the broker at once.

    What tells a list that nobody can say what changed goes when all before it was confirmed: it
    makes all sixteen shards begin documents anew, and what was committed before it must not come
    after that.
    """
    for place in range(1, len(letters)):
        if letters[place].unsettles and not letters[place - 1].unsettles:
            return place
    return len(letters)


def _write(row: Row, id: str, origin: Origin, data: str) -> bytes:
    return events.new_event(
        document=ids.DocumentId(row.document),
        type=row.type,
        id=id,
        source=source(origin),
        time=row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        actor=row.actor,
        data=data.encode("utf-8", "surrogatepass"),
    ).json


def _readable(data: str) -> str:
    """The same change as every JSON reader will see it: numbers that a double would round become
    strings, and what is still too long loses its values.
    """
    if _MANY_DIGITS.search(data):
        data = json.dumps(
            json.loads(data, parse_int=_integer, parse_float=_fraction), ensure_ascii=False
        )
    if len(data.encode()) > limits.BACKEND_DATA_BYTES:
        change: dict[str, Any] = json.loads(data)
        kept = {name: change[name] for name in ("op", "entity", "key") if name in change}
        data = json.dumps({**kept, "omitted": ["*"]}, ensure_ascii=False)
    return data


def _integer(text: str) -> int | str:
    # Longer than 16 digits is beyond 2^53 whatever they are; int() refuses thousands of them.
    return text if len(text) > 17 or abs(int(text)) > _EXACT else int(text)


def _fraction(text: str) -> float | str:
    digits = text.lower().partition("e")[0].replace(".", "").lstrip("-0")
    number = float(text)
    kept = len(digits) <= _SIGNIFICANT and number not in (float("inf"), float("-inf"))
    return number if kept and (number or not digits) else text
