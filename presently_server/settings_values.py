"""From the text of a variable to a value. Whatever is wrong is a ``ValueError`` of a few words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from broker.amqp_addresses import addresses

KEY_BYTES: Final = 32
"""RFC 7518 §3.2: an HS256 key of at least the size of the hash."""
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Listen(NamedTuple):
    """An address to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen(text: str) -> Listen:
    """``host:port``, ``[::1]:port``; without a host everywhere."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is not host:port")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r}: write an IPv6 address in brackets, [::1]:8001")
    return Listen(host or "0.0.0.0", int(port))


def duration(text: str) -> float:
    """Seconds: ``5``, ``500ms``, ``1.5m``, ``1h``."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration such as 5, 500ms, 2m or 1h")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is no number above 0")
    return int(text)


def words(text: str) -> tuple[str, ...]:
    """Separated by commas or lines."""
    return tuple(filter(None, (word.strip() for word in re.split(r"[,\n]", text))))


def one_of(text: str, choices: Sequence[str]) -> str:
    """One of a few words."""
    if text not in choices:
        raise ValueError(f"{text!r} is none of {', '.join(choices)}")
    return text


def keys(text: str) -> tuple[str, ...]:
    """Signing keys. The message never shows one."""
    given = words(text)
    for place, key in enumerate(given, 1):
        if len(key.encode()) < KEY_BYTES:
            raise ValueError(
                f"key {place} has {len(key.encode())} bytes, at least {KEY_BYTES} are needed: "
                "openssl rand -base64 32"
            )
    return given


def rights(text: str) -> Mapping[str, str]:
    """A JSON object: topic pattern → right."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError('expected a JSON object such as {"article.*": "read"}')
    for pattern, right in given.items():
        if right not in ("read", "send", "edit"):
            raise ValueError(f"{pattern!r} gives {right!r}; there are read, send and edit")
    return given


def origins(text: str) -> tuple[str, ...]:
    """Origins of pages, or ``*``."""
    given = words(text)
    for origin in given:
        if origin != "*" and not re.fullmatch(r"[a-z*]+://[^/\s]+", origin):
            raise ValueError(f"{origin!r} is no origin such as https://app.example.com")
    return given


def amqp_url(text: str) -> str:
    """The broker's address, or those of its nodes."""
    addresses(text)
    return text


def url_of(*schemes: str) -> Callable[[str], str]:
    """A URL of one of these schemes. It may hold a password, so the message never shows it."""

    def read(text: str) -> str:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        try:
            parts = urlsplit(text)
            there = parts.scheme in schemes
            _ = parts.port
        except ValueError:
            raise ValueError(f"no address such as {wanted}…") from None
        if not there:
            raise ValueError(f"expected an address that begins with {wanted}")
        return text

    return read


READ: Final[Mapping[Any, Callable[[str], Any]]] = {
    str: str,
    int: count,
    float: duration,
    Listen: listen,
    tuple[str, ...]: words,
    "amqp_url": amqp_url,
    "database_url": url_of("postgresql", "postgres"),
    "api_url": url_of("http", "https"),
    "gateway_url": url_of("ws", "wss"),
    "jwt_keys": keys,
    "rights": rights,
    "origins": origins,
}
"""By the setting's own name if it has a rule of its own, else by its type."""
