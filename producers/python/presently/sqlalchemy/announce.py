"""Events of your own, in the session's transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, overload

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session
from sqlalchemy.orm import Mapper, Session, scoped_session

from presently.sqlalchemy.actor import AnySession, plain_session
from presently.sqlalchemy.announced import Announced
from presently.sqlalchemy.sessions import Announcer, announcer_of
from presently.sqlalchemy.told import told

Result = TypeVar("Result")
Where = str | Sequence[str] | Announced
_OUTBOX: Final = Announcer((), None)


@overload
def announce(
    session: Session | scoped_session[Any],
    where: Where,
    type: str,
    data: Mapping[str, object] | None = None,
    *,
    actor: str | None = None,
) -> str: ...


@overload
def announce(
    session: AsyncSession | async_scoped_session[Any],
    where: Where,
    type: str,
    data: Mapping[str, object] | None = None,
    *,
    actor: str | None = None,
) -> Awaitable[str]: ...


def announce(
    session: AnySession,
    where: Where,
    type: str,
    data: Mapping[str, object] | None = None,
    *,
    actor: str | None = None,
) -> str | Awaitable[str]:
    """Tell everybody at ``where`` once this transaction commits; return the event's id.

    With an asynchronous session it is awaited. What is pending is flushed first, so that a new
    object has its key.

    Args:
        where: A document, several, or an ``Announced`` object.
        type: Your own, such as ``comment.added``.
        data: At most 64 KiB as JSON.
        actor: Who causes it; else whom ``acting`` has named.

    Raises:
        InvalidEvent: With the path of the first fault.
        PresentlyError: This database has no outbox, and ``announcing`` was given no publisher.
    """

    def work(plain: Session) -> str:
        plain.flush()
        documents, mapper = _documents(where)
        announcer = announcer_of(plain) or _OUTBOX
        return announcer.tell(plain, [told(documents, type, data, actor)], mapper)

    return _run(session, work)


@overload
def invalidate(session: Session | scoped_session[Any], announced: type[Announced]) -> None: ...


@overload
def invalidate(
    session: AsyncSession | async_scoped_session[Any], announced: type[Announced]
) -> Awaitable[None]: ...


def invalidate(session: AnySession, announced: type[Announced]) -> Awaitable[None] | None:
    """Tell the collection's list that something changed (``op`` ``x``): fetch anew.

    For what reaches no hook: ``bulk_save_objects`` and its kin, Core statements, raw SQL.
    """

    def work(plain: Session) -> None:
        (announcer_of(plain) or _OUTBOX).changed_somehow(plain, announced)

    return _run(session, work)


def _documents(where: Where) -> tuple[str | Sequence[str], Mapper[Any] | None]:
    if isinstance(where, Announced):
        return where.announced_document(), inspect(type(where), raiseerr=True)
    return where, None


def _run(session: AnySession, work: Callable[[Session], Result]) -> Result | Awaitable[Result]:
    if isinstance(session, async_scoped_session):
        session = session()
    if isinstance(session, AsyncSession):
        return session.run_sync(work)
    return work(plain_session(session))
