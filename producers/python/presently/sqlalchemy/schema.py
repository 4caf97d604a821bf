"""For Alembic's migrations, or wherever a schema is made: ours, and which tables are captured.

``op`` is Alembic's, or a ``Connection``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection, text

from presently.errors import PresentlyError

_FRAME: Final = re.compile(r"\s*BEGIN;\n(.*)\nCOMMIT;\s*", re.DOTALL)


class Executes(Protocol):
    """What ``alembic.op`` and a ``Connection`` have in common."""

    def execute(self, statement: Any, /) -> Any:
        """Run it, or print it if the migration is printed."""


def install(op: Any, script: str) -> None:
    """Run what ``presently migrate --sql`` printed, in the transaction of this migration.

    Raises:
        PresentlyError: It is something else.
    """
    match = _FRAME.fullmatch(script)
    if match is None:
        raise PresentlyError("expected the whole output of `presently migrate --sql`")
    connection: Any = op if isinstance(op, Connection) else op.get_bind()
    if not isinstance(connection, Connection):  # alembic upgrade --sql: printed as it stands
        op.get_context().impl.static_output(match[1])
        return
    if connection.dialect.driver == "asyncpg":
        connection.exec_driver_sql("SELECT 1")  # its transaction begins with the first statement
        raw: Any = connection.connection.dbapi_connection
        raw.run_async(lambda driver: driver.execute(match[1]))
    else:  # several statements, and no % of theirs is a parameter
        connection.exec_driver_sql(match[1], execution_options={"no_parameters": True})


def capture(
    op: Executes,
    table: str,
    document: str | Sequence[str],
    *,
    columns: Sequence[str] = (),
    actor: str | None = None,
    before: bool = False,
    collapse: int | None = None,
) -> None:
    """``SELECT presently.capture(…)``: every committed change of the table, by any writer.

    Args:
        table: As SQL writes it: ``article``, ``shop.article``, ``"Article"``.
        document: ``article.{id}``; a column in braces stands for the row's value. Several: the row
            is told at each.
        columns: Those whose values are sent along; only their names and the key if not named.
        actor: The column that says who wrote.
        before: Whether the old values of those columns are sent, too.
        collapse: So many rows of a statement are told one by one, then one "fetch anew" at the
            list.
    """
    statement = (
        "SELECT presently.capture(CAST(CAST(:tbl AS text) AS regclass),"
        " ARRAY(SELECT json_array_elements_text(CAST(CAST(:documents AS text) AS json))),"
        " columns => ARRAY(SELECT json_array_elements_text(CAST(CAST(:columns AS text) AS json))),"
        " actor => CAST(:actor AS text), before => CAST(:before AS boolean),"
        " collapse => CAST(:collapse AS integer))"
    )
    values = {
        "tbl": table,
        "documents": json.dumps([document] if isinstance(document, str) else list(document)),
        "columns": json.dumps(list(columns)),
        "actor": actor,
        "before": before,
        "collapse": collapse,
    }
    op.execute(text(statement).bindparams(**values))


def release(op: Executes, table: str) -> None:
    """No longer: for the way back."""
    statement = "SELECT presently.release(CAST(CAST(:tbl AS text) AS regclass))"
    op.execute(text(statement).bindparams(tbl=table))
