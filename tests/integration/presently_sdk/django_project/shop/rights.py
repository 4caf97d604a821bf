"""Who may do what in the shop."""

from __future__ import annotations

from typing import Any


def of(user: Any, document: str | None = None) -> dict[str, str]:
    """Everybody reads, users edit; a document asked for by name is shown, too."""
    if user.is_anonymous:
        return {"article.*": "read"}
    return {"article.*": "edit"} | ({document: "read"} if document else {})
