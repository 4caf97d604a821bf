"""Tokens for browsers: a JWT (RFC 7519) signed with HS256, by the standard library alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Final

AUDIENCE: Final = "presently"
"""Without it a session token signed with the same key would open every document."""
KEY_BYTES: Final = 32
"""RFC 7518 §3.2: a key of at least the size of the hash."""
RIGHTS: Final = ("read", "send", "edit")
"""Weakest first; a stronger one includes the weaker ones."""
USER_BYTES: Final = 128
NAME_BYTES: Final = 200
INFO_BYTES: Final = 1024


def mint_token(
    key: str,
    user: str,
    rights: Mapping[str, str],
    *,
    name: str = "",
    info: Mapping[str, object] | None = None,
    ttl: int = 3600,
) -> str:
    """Sign who a user is and what they may do.

    Args:
        key: One of the gateway's ``PRESENTLY_JWT_KEYS``, at least 32 bytes.
        user: The user's id; whoever bears it may always read ``user.<id>``.
        rights: AMQP topic patterns → ``read``, ``send`` or ``edit``, for example
            ``{"acme.article.*": "edit", "acme.#": "read"}``. The strongest match wins.
        name: What others see, of which ``NAME_BYTES`` are kept; the id if empty.
        info: Goes with the name to everybody at the document, at most 1 KiB as JSON.
        ttl: Seconds until it expires. The browser asks for a new one before.

    Raises:
        ValueError: A short key, an unknown right, no user or a longer one than ``USER_BYTES``, or
            too much ``info``.
    """
    if len(key.encode()) < KEY_BYTES:
        raise ValueError(
            f"a key needs at least {KEY_BYTES} bytes, this one has {len(key.encode())}"
        )
    if not user:
        raise ValueError("a token needs a user")
    if len(user.encode()) > USER_BYTES:
        raise ValueError(f"a user's id may have {USER_BYTES} bytes")
    if unknown := sorted({right for right in rights.values() if right not in RIGHTS}):
        raise ValueError(f"no such right: {unknown[0]!r}; there are {', '.join(RIGHTS)}")
    if len(_json(info or {})) > INFO_BYTES:
        raise ValueError(f"info may have {INFO_BYTES} bytes as JSON")
    now = int(time.time())
    claims: dict[str, object] = {
        "sub": user,
        "name": name.encode()[:NAME_BYTES].decode(errors="ignore") or user,
        "docs": dict(rights),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + ttl,
    }
    if info:
        claims["info"] = dict(info)
    signed = b".".join((_text(_json({"alg": "HS256", "typ": "JWT"})), _text(_json(claims))))
    signature = hmac.new(key.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, _text(signature))).decode("ascii")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
