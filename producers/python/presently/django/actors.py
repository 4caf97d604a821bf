"""Whose doing it is: the actor of what a block writes, by whatever statement.

The database reads the settings ``presently.actor`` and ``presently.context``, which must not
outlive the transaction: pools give a session to the next request as it is. So each connection,
before the first statement of a transaction that writes, sets them for this transaction alone; a
writing statement outside of any gets a transaction of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import transaction

from presently.django import conf

_IDLE: Final = 0
_IN_ERROR: Final = 3
"""libpq's PGTransactionStatusType."""
_BEFORE: Final = r"(?:[\s(]|/\*(?:[^*]|\*(?!/))*+\*/|--[^\n]*+\n)*+"
"""Blanks, and the comments of whoever marks statements."""
_WRITES: Final = re.compile(
    _BEFORE + r"(?:INSERT|UPDATE|DELETE|MERGE|WITH|TRUNCATE|(CALL|DO))\b",
    re.IGNORECASE | re.DOTALL,
)
"""The group: these may end transactions, so they get none around them."""
_CALLS: Final = re.compile(_BEFORE + r"SELECT\b.*\bpresently\.", re.IGNORECASE | re.DOTALL)
_BACK: Final = re.compile(r"\s*ROLLBACK TO\b", re.IGNORECASE)

_TELL: Final = """
    SELECT set_config('presently.actor', %s, true), set_config('presently.context', %s, true)
"""
_NOTHING: Final = ("", "")

Who = str | Callable[[], Any] | None
_who: ContextVar[Who] = ContextVar("presently_actor", default=None)
_context: ContextVar[str] = ContextVar("presently_context", default="")
CONTEXT_BYTES: Final = 2048
"""As JSON; of more the database takes none."""


@contextmanager
def acting(user: Any, context: Mapping[str, Any] | None = None) -> Iterator[None]:
    """What is written in this block is this user's doing: a user, an id, or None for nobody's.

    A callable is asked when something is written, and only then. Blocks nest, and are seen by
    the threads and tasks that the block starts through asgiref or asyncio.

    Args:
        context: What captured changes say beside, e.g. ``{"request": "r1"}``; that of the block
            around, if not given.

    Raises:
        ValueError: More than ``CONTEXT_BYTES`` of context.
    """
    said = _context.get() if context is None else json.dumps(context) if context else ""
    if len(said) > CONTEXT_BYTES:
        raise ValueError(f"context may have {CONTEXT_BYTES} bytes as JSON")
    token = _who.set(user if callable(user) else _id_of(user))
    around = _context.set(said)
    try:
        yield
    finally:
        _context.reset(around)
        _who.reset(token)


def current_actor() -> str | None:
    """The id of whoever is acting, if somebody is."""
    who = _who.get()
    if not callable(who):
        return who
    token = _who.set(None)  # asking may itself write, e.g. end a session
    try:
        found = who()
    finally:
        _who.reset(token)
    return _id_of(found)


def _id_of(user: Any) -> str | None:
    if user is None or not getattr(user, "is_authenticated", True):
        return None
    return conf.identity(user)["id"] if hasattr(user, "pk") else str(user)


def tell_actors(connection: Any, **_: Any) -> None:
    """Have a connection tell who is acting. Receives ``connection_created``."""
    if connection.vendor != "postgresql":
        return
    if not any(isinstance(each, TellActor) for each in connection.execute_wrappers):
        connection.execute_wrappers.insert(0, TellActor())


class TellActor:
    """Around every statement of one connection. Django has it called in that connection's thread.

    The setting is made past Django's cursors: it is no query of the application's, for
    ``assertNumQueries`` or anybody else.
    """

    def __init__(self) -> None:
        self._told: tuple[str, str] | None = _NOTHING  # None: a savepoint may have undone it

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: Any,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        """Tell, if need be, and execute."""
        connection = context["connection"]
        status = int(connection.connection.info.transaction_status)
        if status == _IDLE:
            self._told = _NOTHING
        sql_text = sql if isinstance(sql, str) else "WITH"  # composed: it may well write
        writes = _WRITES.match(sql_text)
        if writes is None and not ("presently." in sql_text and _CALLS.match(sql_text)):
            if _BACK.match(sql_text):
                self._told = None
            return execute(sql, params, many, context)
        wanted = current_actor() or "", _context.get()
        if wanted == self._told or status == _IN_ERROR:
            return execute(sql, params, many, context)
        if connection.in_atomic_block or not connection.get_autocommit():
            self._tell(connection, wanted)
            return execute(sql, params, many, context)
        if writes is not None and writes[1]:
            return execute(sql, params, many, context)
        with transaction.atomic(using=connection.alias, savepoint=False):
            self._tell(connection, wanted)
            return execute(sql, params, many, context)

    def _tell(self, connection: Any, wanted: tuple[str, str]) -> None:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(_TELL, wanted)
        self._told = wanted
