"""What a later version might say: every map of every message has a field nobody knows yet."""

from __future__ import annotations

from typing import Any

import msgspec

FIELD = "since_the_next_version"
NEWS = {"kind": "news", "list": [1, {"kind": "more"}], "nothing": None}


def with_more_fields(value: Any) -> Any:
    """As plain values, with a field more in each struct; maps of names (``shards``, ``client``)
    stay as they are."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        said = {config.tag_field: config.tag} if config.tag else {}
        fields = {name: with_more_fields(getattr(value, name)) for name in value.__struct_fields__}
        return {**said, **fields, FIELD: NEWS}
    if isinstance(value, list | tuple):
        return [with_more_fields(each) for each in value]
    return value
