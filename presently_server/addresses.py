"""Where the commands that ask and try find Presently: options, then the environment (that of a
gateway will do), then the file that `presently dev` leaves in ``.presently/dev.json`` of this
folder or one above it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from presently_server.mistakes import Mistake
from presently_server.run import settings
from presently_server.settings import Settings
from presently_server.settings_values import Listen

EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where to find who listens everywhere."""
FILE: Final = Path(".presently") / "dev.json"


def api(url: str | None, key: str | None) -> tuple[str, str]:
    """The HTTP API and a key for it.

    Raises:
        Mistake: There is none.
    """
    given, found = settings(), dev()
    url = url or given.api_url or _own_api(given) or found.get("api", "")
    if not url:
        raise Mistake(
            "where is the API? --api, PRESENTLY_API_URL, PRESENTLY_API_LISTEN, or a running "
            "`presently dev`"
        )
    key = key or given.api_key or next(iter(given.api_keys), "") or found.get("api_key", "")
    if not key:
        raise Mistake("no API key: --api-key, PRESENTLY_API_KEY, or a running `presently dev`")
    return url.rstrip("/"), key


def gateway(url: str | None) -> str:
    """The WebSocket URL of the gateway.

    Raises:
        Mistake: There is none.
    """
    url = url or settings().gateway_url or dev().get("gateway", "")
    if not url:
        raise Mistake(
            "where is the gateway? --gateway, PRESENTLY_GATEWAY_URL, or a running `presently dev`"
        )
    return url


def jwt_keys(key: str | None) -> tuple[str, ...]:
    """Keys that sign browsers' tokens, the first one ours to use; perhaps none."""
    if key:
        return (key,)
    if given := settings().jwt_keys:
        return given
    found = dev().get("jwt_key")
    return (found,) if found else ()


def _own_api(given: Settings) -> str:
    """The API of a gateway on this machine with our environment; empty if that names none."""
    listen = given.api_listen
    if not given.api_keys and listen == Settings().api_listen:
        return ""
    return f"http://{Listen(EVERYWHERE.get(listen.host, listen.host), listen.port)}"


def dev() -> Mapping[str, str]:
    """What a `presently dev` has left for us; empty if there is none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            read = json.loads((folder / FILE).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(read, dict):
            return {name: text for name, text in read.items() if isinstance(text, str)}
    return {}
