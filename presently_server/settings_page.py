"""Writes ``docs/settings.md`` out of ``settings.Settings``.

``python -m presently_server.settings_page`` does it; a test tells when the page is stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from presently_server.settings import FILE, HINTS, PREFIX, Settings, about, is_secret

PAGE: Final = Path(__file__).parent.parent / "docs" / "settings.md"

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("What a service needs", ("amqp_url", "database_url")),
    ("Where services listen", ("listen", "api_listen", "ops_listen")),
    (
        "Who may do what (gateway)",
        ("jwt_keys", "jwt_audience", "rights", "origins", "api_keys"),
    ),
    (
        "How a gateway behaves",
        (
            "drain_delay",
            "drain_window",
            "grace",
            "documents_per_connection",
            "connections_per_user",
            "frames_per_second",
            "frames_burst",
        ),
    ),
    ("How a relay behaves", ("relay_wake",)),
    ("Logs", ("log", "log_level")),
    ("For the command line and applications", ("url", "api_url", "api_key", "gateway_url")),
)

HEAD: Final = f"""\
# Settings

All come from the environment and begin with `{PREFIX}`. A name with 🔒 may also be given as
`<name>{FILE}`: the path of a file that holds it. Durations are seconds, or carry a unit: `500ms`,
`30s`, `5m`. An empty value counts as not set. An unknown name stops the process with exit code 2
and a "did you mean"; names that Kubernetes injects for its services (`…_SERVICE_HOST`,
`…_SERVICE_PORT`, `…_PORT_8001_TCP`, `…_PORT=tcp://…`) are ignored.

| service | needs |
|---|---|
| `presently gateway` | `PRESENTLY_AMQP_URL`, `PRESENTLY_JWT_KEYS` |
| `presently hub`, `presently declare` | `PRESENTLY_AMQP_URL` |
| `presently relay` | `PRESENTLY_AMQP_URL`, `PRESENTLY_DATABASE_URL` |
| `presently migrate`, `presently capture`, `presently backfill` | `PRESENTLY_DATABASE_URL` |
| `presently dev` | nothing |

This page is written from `presently_server/settings.py`; `presently check` reads the settings and
says what is wrong.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for title, group in GROUPS for line in _section(title, group))])


def _section(title: str, group: Iterable[str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| setting | default | |"
    yield "|---|---|---|"
    for name in group:
        lock = " 🔒" if is_secret(HINTS[name]) else ""
        yield f"| `{PREFIX}{name.upper()}`{lock} | {_default(name)} | {about(HINTS[name])} |"
    yield ""


def _default(name: str) -> str:
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    value: Any = defaults[name]
    if value is msgspec.NODEFAULT or value in ("", (), {}):
        return ""
    if isinstance(value, float):
        return f"`{value:g}s`"
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
