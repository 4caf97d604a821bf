"""See what your code publishes, in tests: no broker, no Presently, no commit.

with recorded_events() as events:                  # publishers with the URL memory://
    comment(article, "nice")
assert events[0]["type"] == "comment.added"

with recorded_events(connection) as events:        # captured tables and presently.publish(),
    article.save()                                 # read inside the test's own transaction
assert events[0]["data"]["changed"] == ["title"]
"""

from __future__ import annotations

import inspect
import json
from types import TracebackType
from typing import Any, Final

from presently.events import Event
from presently.in_memory import recordings

__all__ = ["Event", "Recording", "recorded_events"]

_LAST: Final = "SELECT coalesce(max(id), 0) FROM presently.outbox"
_SINCE: Final = """
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'specversion', '1.0', 'id', 'o-' || id, 'source', '/pg/' || current_database(),
        'type', type, 'subject', document, 'actor', actor,
        'time', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ))::text, data::text
    FROM presently.outbox WHERE id > {last} ORDER BY outbox.id
"""


def recorded_events(connection: Any = None) -> Recording:
    """Record events while the block runs, as a list of CloudEvents (dicts), in order.

    Args:
        connection: None: what publishers of this process with ``memory://`` publish; the list
            grows as they do. Else a PostgreSQL connection with the schema ``presently`` (DB-API,
            Django's or SQLAlchemy's with ``with``; asyncpg's and other asynchronous ones with
            ``async with``) or a SQLAlchemy session, which is flushed at both ends: what the
            block wrote to the outbox. The list is filled at the block's end, and nothing needs to
            be committed. The role must be able to read ``presently.outbox``, as its owner is.

    The ``id`` and ``source`` of outbox events are placeholders: the relay gives the final ones.
    """
    return Recording(connection)


class Recording:
    """What ``recorded_events`` returns: a context manager, plain and asynchronous."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._events: list[Event] = []
        self._last = 0

    def __enter__(self) -> list[Event]:
        if self._connection is None:
            recordings.append(self._events)
        else:
            self._last = int(self._rows(_LAST)[0][0])
        return self._events

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is None:
            _forget(self._events)
        elif kind is None:
            self._fill(self._rows(_SINCE.format(last=self._last)))

    async def __aenter__(self) -> list[Event]:
        if self._connection is None:
            return self.__enter__()
        self._last = int((await self._rows_async(_LAST))[0][0])
        return self._events

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is None:
            self.__exit__(kind, error, trace)
        elif kind is None:
            self._fill(await self._rows_async(_SINCE.format(last=self._last)))

    def _rows(self, sql: str) -> list[Any]:
        if inspect.iscoroutinefunction(getattr(self._connection, "execute", None)):
            raise TypeError("this connection is asynchronous: async with recorded_events(…)")
        if _is_session(self._connection):
            self._connection.flush()
            return list(self._connection.connection().exec_driver_sql(sql))
        if hasattr(self._connection, "exec_driver_sql"):  # SQLAlchemy's
            return list(self._connection.exec_driver_sql(sql))
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    async def _rows_async(self, sql: str) -> list[Any]:
        if not inspect.iscoroutinefunction(getattr(self._connection, "execute", None)):
            raise TypeError("this connection is not asynchronous: with recorded_events(…)")
        if _is_session(self._connection):
            await self._connection.flush()
            return list(await (await self._connection.connection()).exec_driver_sql(sql))
        if hasattr(self._connection, "exec_driver_sql"):
            return list(await self._connection.exec_driver_sql(sql))
        if hasattr(self._connection, "fetch"):
            return list(await self._connection.fetch(sql))
        cursor = await self._connection.execute(sql)
        return list(await cursor.fetchall())

    def _fill(self, rows: list[Any]) -> None:
        self._events.extend({**json.loads(row[0]), "data": json.loads(row[1])} for row in rows)


def _is_session(connection: Any) -> bool:
    """Whether it is SQLAlchemy's, known without asking for SQLAlchemy."""
    return hasattr(connection, "flush") and hasattr(connection, "get_bind")


def _forget(events: list[Event]) -> None:
    """Two recordings may be equal lists: take away this very one."""
    for place, recording in enumerate(recordings):
        if recording is events:
            del recordings[place]
            return
