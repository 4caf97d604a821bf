"""Who acts in a session: told to PostgreSQL, so that triggers and the outbox know it too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, scoped_session

_KEPT: Final = "presently.acting"
_SET: Final = text("SELECT set_config('presently.actor', CAST(:actor AS text), true)")

AnySession = Session | scoped_session[Any] | AsyncSession | async_scoped_session[Any]


@dataclass(slots=True)
class Acting:
    """A session's actor, and which connections of the running transaction know it.

    Attributes:
        stale: The actor has changed, or a savepoint has taken the setting back.
    """

    user: str | None = None
    connections: list[Connection] = field(default_factory=list)
    stale: bool = False


def acting(session: AnySession, user: str | None) -> None:
    """From now on ``user`` does what this session does: their own screens need not be told.

    Each transaction tells PostgreSQL (``SET LOCAL presently.actor``) as it begins; within one that
    has begun, the next flush or statement does. ``None``: nobody any more.
    """
    plain = plain_session(session)
    acts = plain.info.get(_KEPT)
    if acts is None:
        acts = plain.info[_KEPT] = Acting()
        event.listen(plain, "after_begin", _begun)
        event.listen(plain, "before_flush", _before_flush)
        event.listen(plain, "do_orm_execute", _before_statement)
        event.listen(plain, "after_rollback", _rolled_back)
        event.listen(plain, "after_transaction_end", _ended)
    acts.user = user
    acts.stale = plain.in_transaction()


def plain_session(session: AnySession) -> Session:
    """The ``Session`` that does the work."""
    real = session() if isinstance(session, scoped_session | async_scoped_session) else session
    return real.sync_session if isinstance(real, AsyncSession) else real


def actor_of(session: Session) -> str | None:
    """Who acts, if ``acting`` has said."""
    acts: Acting | None = session.info.get(_KEPT)
    return acts.user if acts else None


def tell_actor(session: Session) -> None:
    """Have the running transaction know the actor, if it does not."""
    acts: Acting | None = session.info.get(_KEPT)
    if acts is None or not acts.stale:
        return
    acts.stale = False
    # A transaction older than the first `acting` was not seen to begin.
    for connection in acts.connections or [session.connection()]:
        _tell(connection, acts.user)


def _tell(connection: Connection, user: str | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_SET, {"actor": user or ""})


def _begun(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    acts: Acting = session.info[_KEPT]
    if connection not in acts.connections:
        acts.connections.append(connection)
        if acts.user is not None:
            _tell(connection, acts.user)


def _before_flush(session: Session, flush: object, instances: object) -> None:
    tell_actor(session)


def _before_statement(state: ORMExecuteState) -> None:
    tell_actor(state.session)


def _rolled_back(session: Session) -> None:
    session.info[_KEPT].stale = session.in_nested_transaction()


def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        acts: Acting = session.info[_KEPT]
        acts.connections.clear()
        acts.stale = False
