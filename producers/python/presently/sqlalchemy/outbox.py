"""The way out of PostgreSQL: outbox rows in the session's own transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from presently.errors import PresentlyError
from presently.sqlalchemy.actor import tell_actor
from presently.sqlalchemy.told import Told

EVENTS_A_STATEMENT: Final = 500
"""So many events go in one statement; a flush of more sends several."""
_PUBLISH: Final = text("""
    SELECT presently.publish(e.document, e.type, e.data, e.actor) FROM (
        SELECT * FROM ROWS FROM (
            jsonb_to_recordset(CAST(CAST(:events AS text) AS jsonb))
            AS (document text, type text, data jsonb, actor text)
        ) WITH ORDINALITY ORDER BY ordinality
    ) AS e
""")
NO_OUTBOX: Final = (
    "{dialect} has no outbox of ours: give announcing() a publisher=, which tells after the commit"
)


def write(session: Session, events: Sequence[Told], binding: Mapping[str, Any]) -> list[str]:
    """Write them through the session's own connection, in order; return their ids.

    Args:
        binding: Which of the session's binds, as ``bind_arguments``.

    Raises:
        PresentlyError: This is no PostgreSQL.
        sqlalchemy.exc.DBAPIError: The schema ``presently`` is missing, or the database refuses.
    """
    connection = session.connection(bind_arguments=dict(binding))
    if connection.dialect.name != "postgresql":
        raise PresentlyError(NO_OUTBOX.format(dialect=connection.dialect.name))
    tell_actor(session)
    rows = [
        {"document": document, "type": each.type, "data": each.data, "actor": each.actor}
        for each in events
        for document in each.documents
    ]
    ids: list[str] = []
    for start in range(0, len(rows), EVENTS_A_STATEMENT):
        page = json.dumps(rows[start : start + EVENTS_A_STATEMENT], ensure_ascii=False)
        ids += connection.execute(_PUBLISH, {"events": page}).scalars()
    return ids
