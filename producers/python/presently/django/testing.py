"""See what your code announces and what its writes make known, in a ``TestCase``.

with recorded_events() as events:
    Article.objects.filter(pk=1).update(title="Moon")
self.assertEqual(events[0]["subject"], "article.1")
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections

from presently import events, testing
from presently.django import conf
from presently.django.outbox import AfterCommit
from presently.events import Event

__all__ = ["Recording", "recorded_events"]


def recorded_events(using: str = DEFAULT_DB_ALIAS) -> Recording:
    """Record what the block makes known, as a list of CloudEvents (dicts), filled at its end.

    On PostgreSQL whatever wrote to the outbox: captured tables (``save``, ``update``,
    ``bulk_create``, SQL), announcements, ``presently.publish``. Nothing needs to be committed.
    On other databases announcements that wait for the commit, or went to ``memory://``. Also
    ``async with``.
    """
    return Recording(using)


class Recording:
    """What ``recorded_events`` returns."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._outbox = False
        self._waiting = 0
        self._events: list[Event] = []

    def __enter__(self) -> list[Event]:
        # Here and not before: connections are a thread's, and this may run in Django's.
        self._connection: Any = connections[self._using]
        self._outbox = self._connection.vendor == "postgresql"
        self._inner = testing.Recording(self._connection if self._outbox else None)
        self._events = self._inner.__enter__()
        self._waiting = len(self._connection.run_on_commit)
        return self._events

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inner.__exit__(kind, error, trace)
        if kind is None and not self._outbox:
            for _, call, *_ in self._connection.run_on_commit[self._waiting :]:
                later = getattr(call, "__self__", None)
                if isinstance(later, AfterCommit):
                    self._events.extend(_events(later))

    async def __aenter__(self) -> list[Event]:
        return await sync_to_async(self.__enter__)()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await sync_to_async(self.__exit__)(kind, error, trace)


def _events(later: AfterCommit) -> list[Event]:
    written = events.write(
        later.documents,
        later.type,
        later.data,
        source=conf.value("SOURCE"),
        actor=later.actor,
        id=later.id,
        time=None,
    )
    return [json.loads(message.body) for message in written]
