"""What a test sees of the outbox: events as short tuples."""

import json
from dataclasses import dataclass
from typing import Any

import asyncpg

ARTICLE = """
    CREATE TABLE article (id int PRIMARY KEY, title text, status text, updated_by text);
    SELECT presently.capture('article', 'article.{id}', '{title,status}', 'updated_by');
"""


@dataclass(frozen=True)
class Told:
    """One row of the outbox."""

    document: str
    type: str
    actor: str | None
    data: dict[str, Any]

    @property
    def op(self) -> str:
        return str(self.data["op"])


async def told(connection: asyncpg.Connection) -> list[Told]:
    """All rows of the outbox, in order, and empty it."""
    rows = await connection.fetch(
        "WITH gone AS (DELETE FROM presently.outbox RETURNING *)"
        " SELECT document, type, actor, data::text FROM gone ORDER BY id"
    )
    return [Told(r["document"], r["type"], r["actor"], json.loads(r["data"])) for r in rows]


async def ops(connection: asyncpg.Connection) -> list[str]:
    """The same as ``u article.1`` each."""
    return [f"{event.op} {event.document}" for event in await told(connection)]
