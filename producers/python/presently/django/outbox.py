"""How an event leaves a Django application.

PostgreSQL: into the outbox, through the writer's own connection, so that it is published if and
only if the transaction commits. Any other database: published after the commit, by the process
that committed. If that dies in between, or Presently is away, the event is lost (and so are those
of its commit behind it: nobody waits for each), and two commits' events may overtake one another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction

from presently import events, limits
from presently.django import conf
from presently.django.actors import current_actor
from presently.errors import Unavailable
from presently.sync import SyncPublisher


@dataclass(slots=True)
class Commit:
    """What one commit's events share."""

    away: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class AfterCommit:
    """What waits for a commit."""

    documents: tuple[str, ...]
    type: str
    data: Mapping[str, Any]
    actor: str | None
    id: str
    commit: Commit

    def publish(self) -> None:
        """Do it. Django logs what goes wrong; the row is saved by then."""
        if self.commit.away is not None:
            raise Unavailable(str(self.commit.away), self.id)
        found = conf.given()
        line = publisher(conf.value("URL"), conf.value("SOURCE"), found.get("API_KEY"))
        try:
            line.publish(self.documents, self.type, self.data, actor=self.actor, id=self.id)
        except Unavailable as error:
            self.commit.away = error
            raise


PUBLISHERS: Final = 4
"""One for each address that a process publishes to, which is one unless settings change."""


@lru_cache(maxsize=PUBLISHERS)
def publisher(url: str, source: str, api_key: str | None) -> SyncPublisher:
    """One of a process, for all its threads and forks."""
    return SyncPublisher(url, source=source, api_key=api_key)


def write(
    using: str,
    documents: str | Sequence[str],
    type: str,
    data: Mapping[str, Any] | None,
    actor: str | None = None,
) -> str:
    """Put an event for each document into this connection's transaction; return its id.

    Without an ``actor`` it is whoever is acting, as the transaction has been told.

    Raises:
        InvalidEvent: Nothing was written.
    """
    plain = json.loads(json.dumps(data or {}, cls=DjangoJSONEncoder))
    # Checked here, where it is an exception and not yet a transaction that can do no more.
    checked = events.write(
        documents, type, plain, source="/django", actor=actor, id=None, time=None
    )
    limits.check(plain, actor)
    subjects = tuple(message.document for message in checked)
    if connections[using].vendor != "postgresql":
        by = current_actor() if actor is None else actor
        commit = _commit(connections[using])
        later = AfterCommit(subjects, type, plain, by, checked[0].id, commit)
        transaction.on_commit(later.publish, using=using, robust=True)
        return later.id
    with connections[using].cursor() as cursor:
        ids = []
        for subject in subjects:
            cursor.execute(
                "SELECT presently.publish(%s, %s, %s::jsonb, %s)",
                [subject, type, json.dumps(plain), actor],
            )
            ids.append(cursor.fetchone()[0])
    return str(ids[0])


def _commit(connection: Any) -> Commit:
    """That of the transaction under way."""
    for _, call, *_ in reversed(connection.run_on_commit):
        waiting = getattr(call, "__self__", None)
        if isinstance(waiting, AfterCommit):
            return waiting.commit
    return Commit()
