"""The shapes of presence as JSON."""

from __future__ import annotations

import json

import msgspec

from schemas.presence import Counts, Presence, User, empty_object


def test_presence_is_written_as_the_protocol_shows_it() -> None:
    fry = User("fry", "Fry", empty_object(), "reading", msgspec.Raw(b'{"field":"title"}'))
    presence = Presence(8, False, [fry], ["zoidberg"], Counts(1, 0), True, None)
    assert json.loads(msgspec.json.encode(presence)) == {
        "v": 8,
        "full": False,
        "users": [
            {
                "id": "fry",
                "name": "Fry",
                "info": {},
                "mode": "reading",
                "state": {"field": "title"},
            }
        ],
        "left": ["zoidberg"],
        "counts": {"reading": 1, "editing": 0},
        "complete": True,
        "lease": None,
    }
