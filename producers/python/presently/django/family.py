"""Which class speaks for a row that several classes have: proxies, and tables that inherit.

A row of a child table is a row of its parent's too, and has the parent's document; it is announced
once, by the class that was saved or deleted.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def root_of(model: Any, mixin: type) -> Any:
    """The topmost model with a table of its own that has ``mixin``: it names the document."""
    concrete = model._meta.concrete_model
    for parent in concrete._meta.parents:
        if issubclass(parent, mixin):
            return root_of(parent, mixin)
    return concrete


def speaks_of_deletion(sender: Any, origin: Any, mixin: type) -> bool:
    """Whether this one of the signals about a deleted row is the one to be heard.

    Django sends one for each table that had a part of it. ``origin`` is what was deleted in the
    first place: an object or a QuerySet.
    """
    begun: Any = origin.model if isinstance(origin, QuerySet) else type(origin)
    first = getattr(getattr(begun, "_meta", None), "concrete_model", None)
    mine = sender._meta.concrete_model
    if first is not None and (issubclass(first, mine) or issubclass(mine, first)):
        return mine is first
    return root_of(mine, mixin) is mine
