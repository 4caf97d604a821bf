"""docs/capture.md: its SQL is run from top to bottom, and tells what the page says."""

import json
import re
from pathlib import Path

import asyncpg

PAGE = Path(__file__).parents[3] / "docs" / "capture.md"
BLOCK = re.compile(r"^```(sql|json)\n(.*?)^```", re.DOTALL | re.MULTILINE)
TOLD = (
    "WITH gone AS (DELETE FROM presently.outbox RETURNING *)"
    " SELECT document, actor, data::text FROM gone ORDER BY id"
)


async def test_the_page_tells_what_it_says(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        ran = checked = 0
        for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
            if kind == "sql":
                for statement in filter(str.strip, text.split(";\n")):
                    await connection.execute(statement)
                ran += 1
                continue
            said = [json.loads(line) for line in text.splitlines()]
            rows = [
                {"document": row["document"], "data": json.loads(row["data"])}
                | ({"actor": row["actor"]} if row["actor"] else {})
                for row in await connection.fetch(TOLD)
            ]
            assert rows == said
            checked += 1
        assert (ran, checked) == (12, 11)
    finally:
        await connection.close()
