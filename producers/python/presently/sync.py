"""The front door of everybody else: threads, gunicorn's forks, Celery, scripts."""

from __future__ import annotations

import asyncio
import encodings.idna  # noqa: F401  Else the first look-up of a host imports it, and a fork in that
import os  # very moment leaves the child waiting for the import of a thread that it has not.
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import TimeoutError as NotDone
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from presently import events
from presently.documents import check_document
from presently.errors import PresentlyError, Unavailable
from presently.events import Message
from presently.in_memory import MemoryLine
from presently.over_http import HttpLine
from presently.presence import Presence
from presently.publisher import NO_PRESENCE, api_key_of, check_source, where

if TYPE_CHECKING:
    from presently.over_amqp import AmqpLine


class SyncPublisher:
    """``Publisher`` without ``await``: the same arguments, results and errors.

    One object serves all threads of a process. After a fork the child uses connections of its
    own, so it may be made before gunicorn or Celery fork.
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
        self._line: ThreadedAmqpLine | HttpLine | MemoryLine
        url, scheme = where(url)
        if scheme.startswith("amqp"):
            self._line = ThreadedAmqpLine(url, timeout)
        elif scheme.startswith("http"):
            self._line = HttpLine(url, api_key_of(url, api_key), timeout)
        else:
            self._line = MemoryLine()

    def publish(
        self,
        document: str | Sequence[str],
        type: str,
        data: Mapping[str, object] | None = None,
        *,
        actor: str | None = None,
        id: str | None = None,
        time: datetime | None = None,
    ) -> str:
        """Tell everybody at ``document``: see ``Publisher.publish``."""
        messages = events.write(
            document, type, data, source=self._source, actor=actor, id=id, time=time
        )
        self._line.send(messages)
        return messages[0].id

    def presence(self, document: str) -> Presence:
        """Who is at ``document``: see ``Publisher.presence``."""
        check_document(document)
        if isinstance(self._line, ThreadedAmqpLine):
            raise PresentlyError(NO_PRESENCE)
        return self._line.presence(document)

    def close(self) -> None:
        """Close the connections. Publishing again opens new ones."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class ThreadedAmqpLine:
    """An ``AmqpLine`` on an event loop in a thread of its own, begun by the first ``send``."""

    def __init__(self, url: str, timeout: float) -> None:
        from presently.over_amqp import AmqpLine  # its extra may not be installed

        self._make: Callable[[], AmqpLine] = lambda: AmqpLine(url, timeout)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._running: tuple[asyncio.AbstractEventLoop, threading.Thread, AmqpLine] | None = None
        _lines.add(self)

    def send(self, messages: Sequence[Message]) -> None:
        """See ``AmqpLine.send``."""
        with self._lock:
            if self._running is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=loop.run_forever, name="presently", daemon=True)
                thread.start()
                self._running = loop, thread, self._make()
            loop, _, line = self._running
        # The line keeps its own deadline; a second more is for a loop that has stopped.
        try:
            _finish(loop, line.send(messages), self._timeout + 1)
        except NotDone:
            why = f"nothing within {self._timeout:g} s"
            raise Unavailable(f"the broker is not available: {why}", messages[0].id) from None

    def close(self) -> None:
        """End the connection, the loop and its thread."""
        with self._lock:
            running, self._running = self._running, None
        if running is None:
            return
        loop, thread, line = running
        try:
            _finish(loop, line.close(), self._timeout)
        except NotDone:
            pass  # the connection goes with the loop
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _forget(self) -> None:
        """Begin without a thread, and with a lock that no vanished thread holds."""
        _parents.append(self._running)
        self._lock = threading.Lock()
        self._running = None


def _finish(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None], limit: float) -> None:
    asyncio.run_coroutine_threadsafe(work, loop).result(limit)


_lines: weakref.WeakSet[ThreadedAmqpLine] = weakref.WeakSet()
_parents: Final[list[object]] = []
"""What a fork left us of the parent's: kept, so that nothing of it is finalised over here."""


def _forget_all() -> None:
    for line in _lines:
        line._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
