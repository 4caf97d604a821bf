"""A table is truncated: whatever page shows a row of it, in any shard, loads it anew, once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from schemas.ids import DocumentId, slot_of
from tests.journey.test_change_journey import psql
from tests.support.chromium import node_path
from tests.support.eventually import eventually
from tests.support.stack import ROOT, Stack, token
from tests.support.tab import open_tab

DOCUMENTS = [f"article.{n}" for n in range(40, 46)]


@asynccontextmanager
async def page(url: str, *documents: str) -> AsyncIterator[Counter[tuple[str, str]]]:
    """The JavaScript client with these documents and their list: how often it said what of each."""
    said: Counter[tuple[str, str]] = Counter()
    process = await asyncio.create_subprocess_exec(
        node_path(),
        str(ROOT / "tests/journey/reloads.mjs"),
        url,
        token("fry"),
        *documents,
        stdout=asyncio.subprocess.PIPE,
    )

    async def listen() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            one = json.loads(line)
            said[one["what"], one["document"]] += 1

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listen())
        try:
            await eventually(lambda: sum(said.values()) == 1 + len(documents))
            yield said
        finally:
            process.kill()
            await process.wait()
            task.cancel()


async def test_pages_at_documents_of_several_shards_are_told_to_load_them_anew_once(
    stack: Stack, database: asyncpg.Connection, database_url: str
) -> None:
    assert len({slot_of(DocumentId(document)) for document in DOCUMENTS}) >= 5
    one, two = (gateway.url for gateway in stack.gateways)
    async with open_tab(one, token("leela")) as leela, page(two, *DOCUMENTS) as fry:
        before = {}
        for document in DOCUMENTS:
            await leela.join(document)
            before[document] = leela.position(document)["epoch"]
        await psql(database_url, "TRUNCATE article")
        await eventually(lambda: all(leela.views[d].resets == 1 for d in DOCUMENTS))
        await eventually(lambda: all(fry["reload", d] == 1 for d in DOCUMENTS))
        await eventually(lambda: fry["reload", "article.~"] >= 1)

        # What is written from then on has the first numbers of new epochs.
        await database.execute(
            "INSERT INTO article (id, title) SELECT n, 'New' FROM generate_series(40, 45) AS n"
        )
        await eventually(lambda: all(leela.position(d)["seq"] == 1 for d in DOCUMENTS))
        await eventually(lambda: all(fry["c", d] == 1 for d in DOCUMENTS))
        assert all(leela.position(d)["epoch"] != before[d] for d in DOCUMENTS)
        assert all(leela.views[d].resets == 1 for d in DOCUMENTS)
        assert all(fry["reload", d] == 1 for d in DOCUMENTS)


async def test_a_resync_told_by_the_outbox_s_relay_is_heeded_like_a_truncate(
    stack: Stack, database: asyncpg.Connection
) -> None:
    """As after a restore: an event at the list of each captured table, without data."""
    async with open_tab(stack.gateways[0].url, token("leela")) as leela:
        await leela.join("article.~", "watching")
        for document in DOCUMENTS:
            await leela.join(document)
        await database.execute(
            "INSERT INTO presently.outbox (document, type) VALUES ('article.~', 'presently.resync')"
        )
        await eventually(lambda: all(leela.views[d].resets == 1 for d in DOCUMENTS))
        await eventually(lambda: leela.types("article.~") == ["presently.resync"])
