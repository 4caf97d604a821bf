"""Who may open a socket: the Origin check, and a token that comes early. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from schemas.frames import BEARER

_PORTS: Final = {"http": 80, "https": 443}


class Origins:
    """The origins whose pages may connect: our own host's, and those of the patterns.

    A browser always sends ``Origin``, and a page cannot forge it, so a page of another site cannot
    use the cookies or the network of whoever looks at it. Who sends none is no browser.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [
            re.compile(".*".join(re.escape(part) for part in pattern.lower().split("*")))
            for pattern in patterns
        ]

    def admits(self, origin: str | None, host: str | None) -> bool:
        """Whether a request with these headers may connect."""
        if origin is None:
            return True
        origin = origin.lower()
        if any(pattern.fullmatch(origin) for pattern in self._patterns):
            return True
        return host is not None and _is_own(origin, host.lower())


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        default = _PORTS.get(parts.scheme)
        if default is None or parts.hostname is None:
            return False
        asked = urlsplit(f"//{host}")
        return (parts.hostname, parts.port or default) == (asked.hostname, asked.port or default)
    except ValueError:
        return False


def early_token(authorization: str, offered: str) -> str | None:
    """A token in the header ``Authorization``, or as subprotocol ``bearer.<jwt>`` among those
    ``offered`` (the header ``Sec-WebSocket-Protocol``)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    for name in offered.split(","):
        if name.strip().startswith(BEARER):
            return name.strip().removeprefix(BEARER)
    return None
