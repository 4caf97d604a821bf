"""Where the commands that ask and try find Presently: options, then the environment, then the file
that `presently dev` leaves in ``.presently/dev.json`` of this folder or one above it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from presently_server.mistakes import Mistake
from presently_server.run import settings

FILE: Final = Path(".presently") / "dev.json"


def api(url: str | None, key: str | None) -> tuple[str, str]:
    """The HTTP API and a key for it.

    Raises:
        Mistake: There is none.
    """
    given, dev = settings(), _dev()
    url = url or given.api_url or dev.get("api", "")
    if not url:
        raise Mistake("where is the API? --api, PRESENTLY_API_URL, or a running `presently dev`")
    key = key or given.api_key or next(iter(given.api_keys), "") or dev.get("api_key", "")
    if not key:
        raise Mistake("no API key: --api-key, PRESENTLY_API_KEY, or a running `presently dev`")
    return url.rstrip("/"), key


def gateway(url: str | None) -> str:
    """The WebSocket URL of the gateway.

    Raises:
        Mistake: There is none.
    """
    url = url or settings().gateway_url or _dev().get("gateway", "")
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
    dev = _dev().get("jwt_key")
    return (dev,) if dev else ()


def _dev() -> Mapping[str, str]:
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            read = json.loads((folder / FILE).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(read, dict):
            return {name: text for name, text in read.items() if isinstance(text, str)}
    return {}
