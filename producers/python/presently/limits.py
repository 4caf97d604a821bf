"""What an event in an outbox may have, beside what any event may: PostgreSQL would refuse more, and
end the writer's transaction with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from presently.errors import InvalidEvent
from presently.events import DATA_BYTES

ACTOR_BYTES: Final = 128
TEXTS_BYTES: Final = 60_000
"""As JSON of ASCII: of an announcement, whose data are ``DATA_BYTES`` in all."""


def check(data: Mapping[str, Any], actor: str | None) -> None:
    """See that ``presently.publish`` will take them. ``data`` has been found to be JSON.

    Raises:
        InvalidEvent: With the path of the first fault.
    """
    if actor is not None and len(actor.encode("utf-8", "replace")) > ACTOR_BYTES:
        raise InvalidEvent("actor", f"longer than {ACTOR_BYTES} bytes")
    if actor is not None and "\0" in actor:
        raise InvalidEvent("actor", "PostgreSQL has no character U+0000")
    # As jsonb is written: with a space after each comma and colon.
    written = json.dumps(data, ensure_ascii=False)
    if len(written.encode()) > DATA_BYTES:
        raise InvalidEvent("data", f"larger than {DATA_BYTES} bytes")
    if "\\u0000" in written and _has_nul(data):
        raise InvalidEvent("data", "PostgreSQL has no character U+0000")


def texts_that_fit(texts: Mapping[str, Any]) -> dict[str, Any]:
    """``texts`` of an announcement, if they fit; else none, and ``omitted`` says so: a save must
    not fail for a long text."""
    if len(json.dumps(texts, default=str)) > TEXTS_BYTES:
        return {"texts": {}, "omitted": ["texts"]}
    return {"texts": dict(texts)}


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list | tuple) and any(_has_nul(each) for each in value)
