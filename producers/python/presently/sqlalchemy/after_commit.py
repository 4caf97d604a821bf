"""The way out of databases without our triggers: published once the commit has succeeded.

Weaker than the outbox. Whatever ends the process between the commit and the broker's confirm loses
the event, and a broker that is away costs a commit its events after one try: whoever commits does
not wait for each.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util import await_only

from presently.errors import Unavailable
from presently.publisher import Publisher
from presently.sqlalchemy.actor import actor_of
from presently.sqlalchemy.told import Told
from presently.sync import SyncPublisher

_KEPT: Final = "presently.waiting"
_NOT_TOLD: Final = "committed and not told: %s for %s, id %s"
_log: Final = logging.getLogger("presently")


class Waiting:
    """Events of a session's open transactions, each with the innermost that it belongs to."""

    def __init__(self) -> None:
        self._events: list[tuple[SessionTransaction, Told]] = []

    def add(self, transaction: SessionTransaction, event: Told) -> None:
        """It is told when this transaction and all around it have committed."""
        self._events.append((transaction, event))

    def committed(self, transaction: SessionTransaction) -> list[Told]:
        """What may be told now: nothing while only a savepoint is released."""
        parent = transaction.parent
        if parent is None:
            return [event for _, event in self._take()]
        self._events = [
            (parent if its is transaction else its, event) for its, event in self._events
        ]
        return []

    def ended(self, transaction: SessionTransaction) -> None:
        """However it ended; what it committed is its parent's by now, or told."""
        self._events = [(its, event) for its, event in self._events if its is not transaction]

    def _take(self) -> list[tuple[SessionTransaction, Told]]:
        events, self._events = self._events, []
        return events


def wait(session: Session, event: Told) -> str:
    """Keep it for the commit; return its id."""
    transaction = _innermost(session)
    if transaction is None:
        transaction = session.begin()
    if event.actor is None:
        event = replace(event, actor=actor_of(session))
    session.info.setdefault(_KEPT, Waiting()).add(transaction, event)
    return event.id


def tell(session: Session, publisher: SyncPublisher | Publisher) -> None:
    """Publish what has just been committed. What fails is logged: the commit stands."""
    waiting: Waiting | None = session.info.get(_KEPT)
    transaction = _innermost(session)
    if waiting is None or transaction is None:
        return
    away = False
    for event in waiting.committed(transaction):
        if away:
            _log.error(_NOT_TOLD, event.type, event.documents, event.id)
            continue
        try:
            _publish(publisher, event)
        except Exception as error:
            away = isinstance(error, Unavailable)
            _log.exception(_NOT_TOLD, event.type, event.documents, event.id)


def forget(session: Session, transaction: SessionTransaction) -> None:
    """A transaction or savepoint is over."""
    waiting: Waiting | None = session.info.get(_KEPT)
    if waiting is not None:
        waiting.ended(transaction)


def _publish(publisher: SyncPublisher | Publisher, event: Told) -> None:
    sent = publisher.publish(
        event.documents, event.type, event.data, actor=event.actor, id=event.id
    )
    if not isinstance(sent, str):
        await_only(sent)  # an AsyncSession runs its hooks where the loop can be waited for


def _innermost(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()
