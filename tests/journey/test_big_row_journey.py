"""A row of a megabyte is told, without what is too long, and nobody else is disturbed by it."""

from __future__ import annotations

import asyncpg

from tests.support.stack import Stack, token
from tests.support.tab import open_tab

MEGABYTE = 1_000_000
TITLE = "UPDATE article SET title = $1 WHERE id = $2"


async def test_a_row_of_a_megabyte(stack: Stack, database: asyncpg.Connection) -> None:
    async with (
        open_tab(stack.gateways[0].url, token("fry")) as fry,
        open_tab(stack.gateways[1].url, token("leela")) as leela,
    ):
        await fry.join("article.1")
        await leela.join("article.2")
        for number in range(3):
            await database.execute(TITLE, chr(ord("a") + number) * MEGABYTE, 1)
            await database.execute(TITLE, f"Moon {number}", 2)
        await database.execute(TITLE, "short again", 1)
        events = await fry.until_events("article.1", 4)
        others = await leela.until_events("article.2", 3)
    big = {"op": "u", "entity": "article", "key": {"id": 1}, "changed": ["title"]}
    assert [event["data"] for event in events[:3]] == [
        big | {"after": {}, "omitted": ["title"]}
    ] * 3
    assert events[3]["data"] == big | {"after": {"title": "short again"}}
    assert [event["data"]["after"] for event in others] == [
        {"title": f"Moon {number}"} for number in range(3)
    ]
    assert await database.fetchval("SELECT length(title) FROM article WHERE id = 1") == 11
