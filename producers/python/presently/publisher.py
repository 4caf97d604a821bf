"""The front door of asyncio applications."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from presently import events
from presently.documents import check_document
from presently.errors import InvalidEvent, PresentlyError
from presently.in_memory import MemoryLine
from presently.over_http import HttpLine
from presently.presence import Presence

if TYPE_CHECKING:
    from presently.over_amqp import AmqpLine

SCHEMES: Final = ("amqp", "amqps", "http", "https", "memory")
NO_PRESENCE: Final = (
    "a broker knows events, not people: ask the HTTP API, Publisher('http://…').presence(document)"
)


class Publisher:
    """Publishes events. Belongs to one event loop; connects when it first publishes.

    Args:
        url: ``http(s)://`` Presently's API, ``amqp(s)://`` its broker, ``memory://`` for tests.
            ``PRESENTLY_URL`` if not given.
        source: Who publishes, a URI reference such as ``/shop``. Event ids are unique within it.
        timeout: Seconds that a call may take.
        api_key: For the API; else the one in the URL, else ``PRESENTLY_API_KEY``.

    Raises:
        PresentlyError: No URL, or one that is none of these.
        InvalidEvent: No ``source``, or a long one.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        source: str,
        timeout: float = 5.0,
        api_key: str | None = None,
    ) -> None:
        self._source = check_source(source)
        self._line: AmqpLine | HttpLine | MemoryLine
        url, scheme = where(url)
        if scheme.startswith("amqp"):
            from presently.over_amqp import AmqpLine  # its extra may not be installed

            self._line = AmqpLine(url, timeout)
        elif scheme.startswith("http"):
            self._line = HttpLine(url, api_key_of(url, api_key), timeout)
        else:
            self._line = MemoryLine()

    async def publish(
        self,
        document: str | Sequence[str],
        type: str,
        data: Mapping[str, object] | None = None,
        *,
        actor: str | None = None,
        id: str | None = None,
        time: datetime | None = None,
    ) -> str:
        """Tell everybody at ``document`` (or at each of several); return the event's id.

        Args:
            type: Your own, such as ``comment.added``.
            data: At most 64 KiB as JSON.
            actor: The user who caused it: their own screens need not be told.
            id: Repeating an id does no harm: it is shown once.
            time: When it happened, with a time zone; now if not given.

        Raises:
            InvalidEvent: It was not sent; says what is wrong where.
            Unavailable: Whether it arrived is unknown: repeat it with the same id.
            PresentlyError: We are refused; says why.
        """
        messages = events.write(
            document, type, data, source=self._source, actor=actor, id=id, time=time
        )
        if isinstance(self._line, MemoryLine):
            self._line.send(messages)
        elif isinstance(self._line, HttpLine):
            await asyncio.to_thread(self._line.send, messages)
        else:
            await self._line.send(messages)
        return messages[0].id

    async def presence(self, document: str) -> Presence:
        """Who is at ``document``. Over HTTP only.

        Raises:
            InvalidEvent: It is no document id.
            Unavailable: No answer in time.
            PresentlyError: We are refused, or this is a broker's address.
        """
        check_document(document)
        if isinstance(self._line, MemoryLine):
            return self._line.presence(document)
        if isinstance(self._line, HttpLine):
            return await asyncio.to_thread(self._line.presence, document)
        raise PresentlyError(NO_PRESENCE)

    async def close(self) -> None:
        """Close the connections. Publishing again opens new ones."""
        if isinstance(self._line, MemoryLine | HttpLine):
            self._line.close()
        else:
            await self._line.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def where(url: str | None) -> tuple[str, str]:
    """The URL to use and its scheme.

    Raises:
        PresentlyError: There is none, or its scheme is unknown.
    """
    url = url or os.environ.get("PRESENTLY_URL", "")
    if not url:
        raise PresentlyError("no URL: give one, or set PRESENTLY_URL")
    scheme = urlsplit(url).scheme.lower()
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise PresentlyError(f"{scheme or url[:20]!r} is none of {known}")
    return url, scheme


def api_key_of(url: str, given: str | None) -> str | None:
    """The API's key: given, in the URL (then ``None``), or ``PRESENTLY_API_KEY``."""
    parts = urlsplit(url)
    if given or parts.username or parts.password:
        return given
    return os.environ.get("PRESENTLY_API_KEY")


def check_source(source: str) -> str:
    """Raises: InvalidEvent."""
    if not 1 <= len(source) <= 256:
        raise InvalidEvent("source", "expected 1 to 256 characters")
    return source
