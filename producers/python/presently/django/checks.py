"""What ``manage.py check`` says about the settings, the pages and the models.

`E001` no dict · `E002` unknown key · `E003` missing key · `E004` weak key · `E005` no function ·
`E006` URL · `E007` order of base classes · `E008` order of middleware · `E009` nowhere to publish ·
`W001` not PostgreSQL · `W002` no request in templates · `W003` no gateway · `W004` two models of
one name. With a database: ``checks_database``.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models
from django.urls import NoReverseMatch, reverse

from presently.django import conf
from presently.django.announced import Announced
from presently.django.family import root_of
from presently.errors import PresentlyError
from presently.publisher import where
from presently.tokens import KEY_BYTES

ACTING: Final = "presently.django.middleware.acting"
AUTHENTICATION: Final = "AuthenticationMiddleware"
REQUEST: Final = "django.template.context_processors.request"


def check_settings(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """``settings.PRESENTLY`` by itself."""
    given = getattr(settings, "PRESENTLY", {})
    if not isinstance(given, dict):
        hint = 'PRESENTLY = {"JWT_KEY": "…", "RIGHTS": "shop.rights.of", "GATEWAY": "wss://…"}'
        return [Error("settings.PRESENTLY is no dict.", hint=hint, id="presently.E001")]
    found: list[CheckMessage] = [_unknown(key) for key in given if key not in conf.KEYS]
    key = given.get("JWT_KEY")
    if key is not None and (not isinstance(key, str) or len(key.encode()) < KEY_BYTES):
        what = f'settings.PRESENTLY["JWT_KEY"] is shorter than {KEY_BYTES} bytes.'
        hint = "Give one of the gateway's PRESENTLY_JWT_KEYS; `openssl rand -hex 32` makes one."
        found.append(Error(what, hint=hint, id="presently.E004"))
    for name in conf.CALLABLES:
        if given.get(name) is not None:
            found += _no_function(name)
    if given.get("URL") is not None:
        try:
            where(given["URL"])
        except PresentlyError as error:
            what = f'settings.PRESENTLY["URL"]: {error}.'
            found.append(Error(what, hint="Where the SDK publishes.", id="presently.E006"))
    return found


def _unknown(key: object) -> Error:
    close = get_close_matches(str(key).upper(), conf.KEYS, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(conf.KEYS)}."
    return Error(f'settings.PRESENTLY["{key}"] is unknown.', hint=hint, id="presently.E002")


def _no_function(name: str) -> list[CheckMessage]:
    try:
        conf.function(name)
    except ImproperlyConfigured as error:
        hint = "Give a function, or its dotted path."
        return [Error(f"{error}.", hint=hint, id="presently.E005")]
    return []


def check_databases(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Where events can wait for their commit, and where not."""
    found: list[CheckMessage] = []
    for connection in connections.all():
        if connection.vendor == "postgresql":
            continue
        what = f"Database {connection.alias!r} is no PostgreSQL: its events are published after"
        hint = (
            "An event is lost if the process dies, or Presently is away, between commit and"
            " publication; update(), bulk_create() and SQL are not seen. Silence this if you can"
            " live with it."
        )
        found.append(Warning(f"{what} the commit.", hint=hint, id="presently.W001"))
        if _announced() and not conf.given().get("URL"):
            what = f"Database {connection.alias!r} needs settings.PRESENTLY['URL'] to publish to."
            hint = "The HTTP API (http://…, with API_KEY), or amqp://…; memory:// in tests."
            found.append(Error(what, hint=hint, id="presently.E009"))
    return found


def check_pages(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """What the token view and ``{% presently %}`` need, where they are used; the middleware."""
    found: list[CheckMessage] = []
    given = conf.given()
    try:
        reverse("presently:token")
    except NoReverseMatch:
        needed: Sequence[str] = ()
    else:
        needed = ("JWT_KEY", "RIGHTS")
        if given.get("GATEWAY") is None:
            what = (
                'settings.PRESENTLY["GATEWAY"] is missing: {% presently %} has no address to give.'
            )
            hint = "Where pages connect: wss://live.example.com/"
            found.append(Warning(what, hint=hint, id="presently.W003"))
    for key in needed:
        if given.get(key) is None:
            what = f'settings.PRESENTLY["{key}"] is missing, and presently.django.urls is included.'
            hint = {
                "JWT_KEY": "One of the gateway's PRESENTLY_JWT_KEYS.",
                "RIGHTS": 'A function (user) -> {"article.*": "edit"}, or its dotted path.',
            }[key]
            found.append(Error(what, hint=hint, id="presently.E003"))
    if needed and not any(
        REQUEST in engine.get("OPTIONS", {}).get("context_processors", ())
        for engine in settings.TEMPLATES
    ):
        what = "No template engine has the context processor for the request."
        hint = f"Add {REQUEST!r}: {{% presently %}} asks it for the user and the CSP nonce."
        found.append(Warning(what, hint=hint, id="presently.W002"))
    middleware = list(settings.MIDDLEWARE)
    if ACTING in middleware and not any(
        each.endswith(AUTHENTICATION) for each in middleware[: middleware.index(ACTING)]
    ):
        what = f"{ACTING} stands before {AUTHENTICATION}."
        hint = "Put it after it in MIDDLEWARE: there is no request.user before."
        found.append(Error(what, hint=hint, id="presently.E008"))
    return found


def check_models(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Base classes in the order that lets ``Announced`` save; documents that are one model's."""
    found: list[CheckMessage] = [
        Error(
            f"{model._meta.label} has Announced after models.Model.",
            hint=f"class {model.__name__}(Announced, models.Model): else its announcement is not"
            " in the transaction of its save.",
            obj=model,
            id="presently.E007",
        )
        for model in _announced()
        if model.__mro__.index(models.Model) < model.__mro__.index(Announced)
    ]
    named: dict[str, Any] = {}
    for model in _announced():
        if model.announced_document is not Announced.announced_document:
            continue
        root = root_of(model, Announced)
        other = named.setdefault(root._meta.model_name, root)
        if model is root and other is not root:
            what = f"{root._meta.label} is announced at the documents of {other._meta.label}."
            hint = "Give one of them an announced_document() of its own."
            found.append(Warning(what, hint=hint, obj=root, id="presently.W004"))
    return found


def _announced() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, Announced)]
