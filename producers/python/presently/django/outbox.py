"""How an event leaves a Django application.

PostgreSQL: into the outbox, through the writer's own connection, so that it is published if and
only if the transaction commits. Any other database: published after the commit, by the process
that committed. If that dies in between, or Presently is away, the event is lost, and two commits'
events may overtake one another.
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
from presently.sync import SyncPublisher


@dataclass(frozen=True, slots=True)
class AfterCommit:
    """What waits for a commit."""

    documents: tuple[str, ...]
    type: str
    data: Mapping[str, Any]
    actor: str | None
    id: str

    def publish(self) -> None:
        """Do it. Django logs what goes wrong; the row is saved by then."""
        found = conf.given()
        line = publisher(conf.value("URL"), conf.value("SOURCE"), found.get("API_KEY"))
        line.publish(self.documents, self.type, self.data, actor=self.actor, id=self.id)


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
        later = AfterCommit(subjects, type, plain, by, checked[0].id)
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
