"""When a session tells: what each flush wrote, in that flush; a bulk statement, as it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Result, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    Session,
    object_session,
    sessionmaker,
)

from presently.errors import PresentlyError
from presently.publisher import Publisher
from presently.sqlalchemy import after_commit, outbox
from presently.sqlalchemy.announced import (
    Announced,
    data_of,
    is_paused,
    list_of,
    table_of,
)
from presently.sqlalchemy.told import Told, told
from presently.sync import SyncPublisher

Sessions = TypeVar(
    "Sessions",
    bound=sessionmaker[Any] | async_sessionmaker[Any] | type[Session] | type[AsyncSession],
)
_OURS: Final = "_presently_announcer"
_FLUSHED: Final = "presently.flushed"


class Announcer:
    """What ``announcing`` set up for a kind of session."""

    def __init__(
        self, languages: Sequence[str], publisher: SyncPublisher | Publisher | None
    ) -> None:
        self.languages = tuple(languages)
        self._publisher = publisher

    def listen(self, sessions: type[Session]) -> None:
        """To every session of this class."""
        setattr(sessions, _OURS, self)
        event.listen(sessions, "before_flush", _before_flush)
        event.listen(sessions, "after_flush", self._after_flush)
        event.listen(sessions, "do_orm_execute", self._on_statement)
        if self._publisher is not None:
            event.listen(sessions, "after_commit", self._after_commit)
            event.listen(sessions, "after_transaction_end", after_commit.forget)

    def tell(self, session: Session, events: Sequence[Told], mapper: Mapper[Any] | None) -> str:
        """Into the outbox, or to wait for the commit. Returns the first id."""
        if self._publisher is not None:
            ids = [after_commit.wait(session, each) for each in events]
        else:
            ids = outbox.write(session, events, {"mapper": mapper} if mapper else {})
        return ids[0]

    def of(self, announced: Announced, op: str) -> Told | None:
        """What it says, if anything."""
        if not announced.should_announce(op):
            return None
        return told(
            announced.announced_document(),
            announced.announced_as,
            data_of(announced, op, self.languages),
        )

    def changed_somehow(self, session: Session, announced: type[Announced]) -> None:
        """Tell the collection's list: fetch anew."""
        data = {"op": "x", "entity": table_of(announced)}
        mapper = announced.__mapper__  # type: ignore[attr-defined]
        self.tell(session, [told(list_of(announced), announced.announced_as, data)], mapper)

    def _after_flush(self, session: Session, flush: object) -> None:
        said = [(mapper, tells()) for mapper, tells in session.info.pop(_FLUSHED, ())]
        # As a rule there is one bind, and so one statement; the order is the flush's.
        for _, group in groupby(said, key=lambda each: session.get_bind(each[0])):
            of_bind = list(group)
            if events := [event for _, event in of_bind if event is not None]:
                self.tell(session, events, of_bind[0][0])

    def _on_statement(self, state: ORMExecuteState) -> Result[Any] | None:
        if not (state.is_insert or state.is_update or state.is_delete):
            return None
        mapper = state.bind_mapper
        if mapper is None or not issubclass(mapper.class_, Announced) or is_paused(mapper.class_):
            return None
        result = state.invoke_statement()
        if getattr(result, "rowcount", -1) != 0:
            self.changed_somehow(state.session, mapper.class_)
        return result

    def _after_commit(self, session: Session) -> None:
        assert self._publisher is not None
        after_commit.tell(session, self._publisher)


def announcing(
    sessions: Sessions,
    *,
    languages: Sequence[str] = ("en",),
    publisher: SyncPublisher | Publisher | None = None,
) -> Sessions:
    """Have these sessions tell of ``Announced`` objects; returns ``sessions`` itself.

    Args:
        sessions: A ``sessionmaker``, an ``async_sessionmaker``, or a class of sessions.
        languages: ``announcement`` is asked once for each; the event has all texts.
        publisher: None: the outbox of PostgreSQL, in the same commit. Else what publishes after the
            commit, for databases without an outbox of ours; a ``Publisher`` for asynchronous
            sessions, a ``SyncPublisher`` for the others.

    Raises:
        PresentlyError: They tell already, or this publisher is not of their kind.
    """
    target = _plain_class(sessions)
    if publisher is not None and isinstance(publisher, Publisher) != _is_async(sessions):
        raise PresentlyError("asynchronous sessions take a Publisher, the others a SyncPublisher")
    if hasattr(target, _OURS):
        raise PresentlyError(f"sessions of {target.__qualname__} are announcing already")
    Announcer(languages, publisher).listen(target)
    return sessions


def announcer_of(session: Session) -> Announcer | None:
    """What ``announcing`` set up for it, if it did."""
    found: Announcer | None = getattr(type(session), _OURS, None)
    return found


def _is_async(sessions: Any) -> bool:
    if isinstance(sessions, type):
        return issubclass(sessions, AsyncSession)
    return isinstance(sessions, async_sessionmaker)


def _plain_class(sessions: Any) -> type[Session]:
    """The class whose sessions do the work; one of their own, where all would share ``Session``."""
    if isinstance(sessions, async_sessionmaker):
        plain = sessions.kw.get("sync_session_class", sessions.class_.sync_session_class)
        if plain is Session:
            plain = type("AnnouncingSession", (Session,), {})
            sessions.configure(sync_session_class=plain)
        return _plain_class(plain)
    if isinstance(sessions, sessionmaker):
        return sessions.class_
    if issubclass(sessions, AsyncSession):
        return _plain_class(sessions.sync_session_class)
    plain_class: type[Session] = sessions
    return plain_class


# --- what a flush does --------------------------------------------------------------


def _before_flush(session: Session, flush: object, instances: object) -> None:
    session.info[_FLUSHED] = []  # what a failed flush left is not told


def _collect(target: Announced, mapper: Mapper[Any], tells: Callable[[], Told | None]) -> None:
    session = object_session(target)
    if session is not None and not is_paused(type(target)):
        session.info.get(_FLUSHED, []).append((mapper, tells))


def _announcer(target: Announced) -> Announcer | None:
    session = object_session(target)
    return announcer_of(session) if session is not None else None


def _inserted(mapper: Mapper[Any], connection: Connection, target: Announced) -> None:
    session = object_session(target)
    if session is not None and (announcer := announcer_of(session)):
        # In its first flush it is pending yet, and what it refers to by key would be None.
        session.enable_relationship_loading(target)
        _collect(target, mapper, lambda: announcer.of(target, "c"))


def _updated(mapper: Mapper[Any], connection: Connection, target: Announced) -> None:
    session = object_session(target)
    if session is None or not session.is_modified(target, include_collections=False):
        return
    if announcer := announcer_of(session):
        _collect(target, mapper, lambda: announcer.of(target, "u"))


def _deleting(mapper: Mapper[Any], connection: Connection, target: Announced) -> None:
    # Asked while the row is there: afterwards nothing of it could be loaded.
    if (announcer := _announcer(target)) and not is_paused(type(target)):
        said = announcer.of(target, "d")
        _collect(target, mapper, lambda: said)


event.listen(Announced, "after_insert", _inserted, propagate=True)
event.listen(Announced, "after_update", _updated, propagate=True)
event.listen(Announced, "before_delete", _deleting, propagate=True)
