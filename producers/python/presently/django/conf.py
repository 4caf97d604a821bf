"""``settings.PRESENTLY``: its keys, and what they are read as.

PRESENTLY = {
    "JWT_KEY": "…",                          # one of the gateway's PRESENTLY_JWT_KEYS
    "RIGHTS": "shop.rights.of",              # (user) or (user, document) -> {"article.*": "edit"}
    "GATEWAY": "wss://live.example.com/",    # where pages connect
    "USER": "shop.people.identity",          # (user) -> {"id": …, "name": …, "info": {…}}
    "ANONYMOUS": True,                       # tokens for visitors who have not signed in
    "TTL": 3600,                             # seconds that a token is good for
    "URL": "amqp://…", "API_KEY": "…", "SOURCE": "/shop",   # without PostgreSQL: how to publish
}
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

KEYS: Final = (
    "ANONYMOUS",
    "API_KEY",
    "GATEWAY",
    "JWT_KEY",
    "RIGHTS",
    "SOURCE",
    "TTL",
    "URL",
    "USER",
)
CALLABLES: Final = ("RIGHTS", "USER")
DEFAULTS: Final[Mapping[str, Any]] = {"ANONYMOUS": False, "SOURCE": "/django", "TTL": 3600}


def given() -> Mapping[str, Any]:
    """The dict as it stands in the settings; empty if there is none."""
    found = getattr(settings, "PRESENTLY", {})
    return found if isinstance(found, Mapping) else {}


def value(key: str) -> Any:
    """What a key says, or its default.

    Raises:
        ImproperlyConfigured: It has neither.
    """
    found = given().get(key, DEFAULTS.get(key))
    if found is None:
        raise ImproperlyConfigured(f'settings.PRESENTLY["{key}"] is missing')
    return found


def function(key: str) -> Callable[..., Any]:
    """A callable, given itself or by its dotted path.

    Raises:
        ImproperlyConfigured: It is missing, cannot be imported, or cannot be called.
    """
    found = value(key)
    if isinstance(found, str):
        try:
            found = import_string(found)
        except ImportError as error:
            raise ImproperlyConfigured(f'settings.PRESENTLY["{key}"]: {error}') from None
    if not callable(found):
        raise ImproperlyConfigured(f'settings.PRESENTLY["{key}"] is {found!r}, no function')
    return found  # type: ignore[no-any-return]


def rights_of(user: Any, document: str | None) -> Mapping[str, str]:
    """What a user may do, as ``RIGHTS`` says; ``document`` is the one that was refused, if any."""
    rights = function("RIGHTS")
    parameters = inspect.signature(rights).parameters.values()
    takes_two = len(parameters) > 1 or any(p.kind is p.VAR_POSITIONAL for p in parameters)
    found: Mapping[str, str] = rights(user, document) if takes_two else rights(user)
    return found


def identity(user: Any) -> dict[str, Any]:
    """``id``, ``name`` and ``info`` of a user who has signed in. The id is the events' actor."""
    name = user.get_full_name() if hasattr(user, "get_full_name") else ""
    found: dict[str, Any] = {"id": str(user.pk), "name": name or user.get_username(), "info": {}}
    if "USER" in given():
        found |= function("USER")(user)
    return found | {"id": str(found["id"])}
