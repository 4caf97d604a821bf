"""Whether something said on a wire is what ``schemas/`` promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema

from schemas import shapes


@cache
def validators(name: str) -> tuple[Any, ...]:
    """Of one shape, e.g. ``gateway-frames``, as either draft understands it."""
    drafts = (jsonschema.Draft7Validator, jsonschema.Draft202012Validator)
    return tuple(draft(shapes.schema(name)) for draft in drafts)


def complaints(name: str, value: Any) -> list[str]:
    """What is wrong with a value, by its schema."""
    return [
        f"{one.json_path}: {one.message}"
        for validator in validators(name)
        for one in validator.iter_errors(value)
    ]
