"""Kinds of messages that only another version knows.

While versions are mixed, a newer process says things that an older one has no name for. Such a
message, or such a part of one, is neither an error nor a dead letter: it is read as ``Unknown``,
skipped and counted. What is not of a *kind* at all stays malformed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

KIND: Final = "kind"
"""The field that names a message's kind."""
KIND_CHARS: Final = 40
"""Of an unknown kind's name, kept for people."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag_field=KIND, tag="unknown"):
    """Of a kind we do not know. ``what``: how it called itself. Nobody says this."""

    what: str = ""


def around(value: Any, kind: Any) -> Any:
    """Plain values as they can be read: every map of a kind that ``kind`` does not know is replaced
    by ``Unknown``, where that is allowed; also within the lists of a message.

    Args:
        kind: A struct, or a union of them.
    """
    if not isinstance(value, dict):
        return value
    kinds, said = _kinds(kind), value.get(KIND)
    if not isinstance(said, str):
        return value
    if said not in kinds:
        known = Unknown in kinds.values()
        return {KIND: "unknown", "what": said[:KIND_CHARS]} if known else value
    lists = _lists(kinds[said])
    return {
        name: [around(each, lists[name]) for each in inner]
        if name in lists and isinstance(inner, list)
        else inner
        for name, inner in value.items()
    }


@lru_cache
def _kinds(kind: Any) -> Mapping[str, Any]:
    """The structs of a union by what they call themselves; nothing of what are no structs."""
    members = [one for one in (get_args(kind) or (kind,)) if hasattr(one, "__struct_config__")]
    return {one.__struct_config__.tag: one for one in members if one.__struct_config__.tag}


@lru_cache
def _lists(struct: Any) -> Mapping[str, Any]:
    """Fields that hold several messages, and the union they are of."""
    hints = get_type_hints(struct).items()
    items = {name: get_args(h)[0] for name, h in hints if get_origin(h) in (list, Sequence)}
    return {name: item for name, item in items.items() if Unknown in get_args(item)}
