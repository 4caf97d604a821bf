"""The nodes of a broker, as somebody wrote them into a setting, and whose turn it is. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

SCHEMES: Final = ("amqp", "amqps")
_NEXT_URL: Final = re.compile(r"[,\s]+(?=amqps?://)")
_NEXT_HOST: Final = re.compile(r"[,\s]+")
_USER_AT_EACH: Final = re.compile(r"@[^@]*[,\s]")


def addresses(text: str) -> tuple[str, ...]:
    """One URL a node, of ``amqp://user:password@one,two:5673/vhost`` or of several whole URLs
    separated by commas or lines. A comma within a user or password is written ``%2C``.

    Raises:
        ValueError: It is none, or they name different vhosts. Never shows the text, which may hold
            a password.
    """
    urls = tuple(url for whole in _NEXT_URL.split(text.strip()) for url in _of_each_host(whole))
    for url in urls:
        _check(url)
    if len({urlsplit(url).path.rstrip("/") for url in urls}) > 1:
        raise ValueError("the addresses name different vhosts; one vhost is one installation")
    return urls


def _of_each_host(whole: str) -> list[str]:
    scheme, there, rest = whole.partition("://")
    end = next((at for at, each in enumerate(rest) if each in "/?#"), len(rest))
    who, at, hosts = rest[:end].rpartition("@")
    if _USER_AT_EACH.search(who):
        raise ValueError("name the user once before all hosts, or write whole addresses")
    each = [host for host in _NEXT_HOST.split(hosts) if host] or [hosts]
    return [f"{scheme}{there}{who}{at}{host}{rest[end:]}" for host in each]


def _check(url: str) -> None:
    wanted = " or ".join(f"{scheme}://" for scheme in SCHEMES)
    try:
        parts = urlsplit(url)
        there = parts.scheme in SCHEMES and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        raise ValueError(f"no address such as {wanted}…") from None
    if not there:
        raise ValueError(f"expected an address that begins with {wanted}")


class Turns:
    """Which of several addresses to try first, and which next.

    All connections of a process stay with one node while it serves them. Whoever comes again under
    the same name lost a connection, to whatever: it goes on to the next address, and the others,
    who come after it, follow.

    Args:
        luck: Where to begin, 0 ≤ luck < 1: processes spread over the nodes.
    """

    def __init__(self, count: int, luck: float) -> None:
        self._count = count
        self._at = int(luck * count)
        self._last: dict[str, int] = {}

    def order(self, name: str) -> list[int]:
        """The places to try, in turn, for a connection of this name."""
        if self._last.get(name) == self._at:
            self._at = (self._at + 1) % self._count
        self._last[name] = self._at
        return [(self._at + step) % self._count for step in range(self._count)]

    def served(self, name: str, place: int) -> None:
        """A connection was made there."""
        self._at = self._last[name] = place


def patience(left: int, timeout: float) -> float:
    """Seconds to give a node: half as long while there are others to try, so that a dead one does
    not keep us; the last one gets it all, so that a slow broker is reached at all.

    Args:
        left: Addresses to be tried after this one.
    """
    return timeout / 2 if left else timeout


def why(reasons: dict[int, str]) -> str:
    """One line on why none could be reached; the same whoever was tried first.

    Args:
        reasons: By place.
    """
    known: dict[str, None] = dict.fromkeys(reasons[place] for place in sorted(reasons))
    return "; ".join(known)
