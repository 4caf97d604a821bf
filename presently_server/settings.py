"""Every setting there is, read once from the environment into one frozen struct.

One prefix, ``PRESENTLY_``. A secret may be given as ``<name>_FILE``, the path of a file with it. A
name of ours that we do not know stops the process: a mistyped setting that does nothing is worse.
``docs/settings.md`` is written from this file (``python -m presently_server.settings_page``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from presently_server import settings_values as values
from presently_server.settings_values import Listen
from schemas import limits

PREFIX: Final = "PRESENTLY_"
FILE: Final = "_FILE"

_KUBERNETES: Final = re.compile(
    r"(?:.+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_.+)?)"
)
"""What Kubernetes puts into every container for each service in the namespace."""


class SettingsError(ValueError):
    """The operator's fault: the message is one line and names the variable."""


def _secret(text: str) -> Meta:
    return Meta(description=text, extra={"secret": True})


def _about(text: str) -> Meta:
    return Meta(description=text)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of all services; each takes what it needs."""

    amqp_url: Annotated[
        str,
        _secret(
            "The broker, `amqp://user:password@host/vhost`. One vhost, one installation. For a "
            "cluster `amqp://user:password@one,two,three/vhost`, or several whole addresses "
            "separated by commas or lines: tried in turn, each process begins with any of them."
        ),
    ] = ""
    database_url: Annotated[
        str, _secret("The PostgreSQL with the outbox, `postgresql://user:password@host/name`.")
    ] = ""

    listen: Annotated[Listen, _about("Where the gateway takes WebSockets.")] = Listen(
        "127.0.0.1", 8001
    )
    api_listen: Annotated[Listen, _about("Where the gateway answers the HTTP API.")] = Listen(
        "127.0.0.1", 8002
    )
    ops_listen: Annotated[
        Listen,
        _about(
            "Where every service answers `/healthz`, `/readyz` and `/metrics`. On one machine each "
            "service needs its own."
        ),
    ] = Listen("127.0.0.1", 8003)

    jwt_keys: Annotated[
        tuple[str, ...],
        _secret(
            "Keys of browsers' tokens (HS256), at least 32 bytes each, separated by commas or "
            "lines. All of them verify, so that a key can be changed without a gap."
        ),
    ] = ()
    jwt_audience: Annotated[str, _about("What `aud` of a token must be.")] = "presently"
    rights: Annotated[
        Mapping[str, str],
        _about(
            "What every user may do besides their token's `docs`, as JSON: "
            '`{"article.*": "read", "desk.{sub}": "edit"}`; `{sub}` is the user\'s id.'
        ),
    ] = {}
    origins: Annotated[
        tuple[str, ...],
        _about(
            "Origins of pages that may connect, besides the gateway's own host, separated by "
            "commas: `https://app.example.com,http://localhost:*`."
        ),
    ] = ()
    api_keys: Annotated[
        tuple[str, ...],
        _secret("Keys of the HTTP API, separated by commas or lines. Without any, nobody may."),
    ] = ()

    drain_delay: Annotated[
        float,
        _about("How long a gateway goes on accepting after SIGTERM, while load balancers learn."),
    ] = 5.0
    drain_window: Annotated[float, _about("Over how long a gateway then closes its sockets.")] = (
        20.0
    )
    grace: Annotated[
        float, _about("How long somebody whose socket vanished is still shown as present.")
    ] = limits.GRACE_MS / 1000
    documents_per_connection: Annotated[int, _about("Documents that one connection may be at.")] = (
        limits.DOCUMENTS_PER_CONNECTION
    )
    connections_per_user: Annotated[int, _about("Connections of one user to one gateway.")] = (
        limits.CONNECTIONS_PER_USER
    )
    frames_per_second: Annotated[
        int, _about("Frames a second that one connection may send for long.")
    ] = limits.FRAMES_PER_SECOND
    frames_burst: Annotated[int, _about("Frames that one connection may send at once.")] = (
        limits.FRAMES_BURST
    )

    relay_wake: Annotated[
        Literal["off", "idle", "always"],
        _about(
            "How writers wake the relay when it sleeps between two looks at the outbox (every 25 "
            "ms while there is work, every 250 ms without): `off`: they do not; `idle`: those that "
            "commit while it sleeps notify; `always`: every one does, and such commits stand in "
            "line. With two-phase commit (`PREPARE TRANSACTION`) only `off` is safe."
        ),
    ] = "off"

    log: Annotated[
        Literal["auto", "text", "json"],
        _about("How to log: `text`, `json`, or `auto`, which is text in a terminal."),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _about("The least that is logged: `debug`, `info`, `warning`, `error`."),
    ] = "info"

    url: Annotated[
        str, _secret("Read by the SDK: where an application publishes, `http://`, `amqp://` …")
    ] = ""
    api_url: Annotated[
        str,
        _about(
            "Where `publish`, `status` and `tail --dead` find the HTTP API; else, with a gateway's "
            "settings, at its `PRESENTLY_API_LISTEN`."
        ),
    ] = ""
    api_key: Annotated[str, _secret("The key with which they, and the SDK, ask the HTTP API.")] = ""
    gateway_url: Annotated[str, _about("Where `tail` finds the gateway, `ws://` or `wss://`.")] = ""


HINTS: Final[Mapping[str, Any]] = get_type_hints(Settings, include_extras=True)


def load(environ: Mapping[str, str]) -> Settings:
    """Read all settings.

    Raises:
        SettingsError: Unknown, unreadable or nonsense; names the variable.
    """
    given = {
        name: text
        for name, text in environ.items()
        if name.startswith(PREFIX) and not _injected(name.removeprefix(PREFIX), text)
    }
    read: dict[str, Any] = {}
    for field, hint in HINTS.items():
        name = PREFIX + field.upper()
        text = given.pop(name, "")
        if is_secret(hint) and (path := given.pop(name + FILE, "")):
            if text:
                raise SettingsError(f"{name} and {name}{FILE} are both set; which one?")
            text = _content(name + FILE, path)
        if text:
            read[field] = _value(field, hint, text)
    for name in given:
        raise SettingsError(_unknown(name))
    return Settings(**read)


def need(settings: Settings, *fields: str) -> None:
    """Insist on settings that have no default.

    Raises:
        SettingsError: One is not set.
    """
    for field in fields:
        if not getattr(settings, field):
            name = PREFIX + field.upper()
            or_file = f" (or {name}{FILE})" if is_secret(HINTS[field]) else ""
            raise SettingsError(f"{name}{or_file} is not set: {about(HINTS[field])}")


def is_secret(hint: Any) -> bool:
    """Whether this setting may stand in a file."""
    return bool((_meta(hint).extra or {}).get("secret"))


def about(hint: Any) -> str:
    """What this setting is, in a sentence or two."""
    return _meta(hint).description or ""


def _meta(hint: Any) -> Meta:
    meta: Meta = hint.__metadata__[0]
    return meta


def _value(field: str, hint: Any, text: str) -> Any:
    kind = hint.__origin__
    try:
        if get_origin(kind) is Literal:
            return values.one_of(text, get_args(kind))
        return (values.READ.get(field) or values.READ[kind])(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{field.upper()}: {error}") from None


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(f"{name}: cannot read {path}: {why}") from None


def _injected(rest: str, text: str) -> bool:
    """Whether Kubernetes (or Docker's links) set this name, and not somebody for us."""
    if _KUBERNETES.fullmatch(rest):
        return True
    return (rest == "PORT" or rest.endswith("_PORT")) and "://" in text


def _unknown(name: str) -> str:
    known = [field.upper() for field in HINTS]
    known += [field.upper() + FILE for field in HINTS if is_secret(HINTS[field])]
    if close := difflib.get_close_matches(name.removeprefix(PREFIX), known, 1):
        return f"{name} is no setting; did you mean {PREFIX}{close[0]}?"
    return f"{name} is no setting; docs/settings.md lists them all"
